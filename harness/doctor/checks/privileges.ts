import { check, fine } from '../check.js';

export const privileges = check({
  id: 'privileges',
  group: 'rights',
  read: ({ uid }) => uid,
  judge: (uid, { root, mayRaiseLimits }) =>
    fine(
      root
        ? `root${mayRaiseLimits ? '' : ', without the right to raise limits (CAP_SYS_RESOURCE)'}`
        : `uid ${uid}, not root; only realtime and slabinfo below may need root`,
    ),
});
