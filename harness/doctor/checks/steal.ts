import { stealShare } from '../../collectors/steal.js';
import { check, fine } from '../check.js';

const MUCH = 0.01;

export const steal = check({
  id: 'steal',
  group: 'processor',
  read: stealShare,
  judge(share) {
    if (share === null) return fine('not visible');
    const finding = `${(share * 100).toFixed(2)} % of CPU time since boot went to other guests`;
    if (share <= MUCH) return fine(finding);
    return {
      state: 'limited',
      finding,
      consequence:
        'many rounds get the flag steal, and wall times and latencies contain it; a machine with CPUs of its own has none',
      command: null,
    };
  },
});
