import { cpuPressureShare } from '../../collectors/pressure.js';
import { check, fine } from '../check.js';

export const pressure = check({
  id: 'pressure',
  group: 'processor',
  read: cpuPressureShare,
  judge: (share) =>
    share !== null
      ? fine('/proc/pressure/cpu is readable')
      : {
          state: 'limited',
          finding: '/proc/pressure/cpu is absent or off',
          consequence:
            'no round gets the flag cpu-pressure, so a neighbour shows only in switches and steal; a kernel started with psi=1 has it',
          command: null,
        },
});
