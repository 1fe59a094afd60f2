import { governor as current } from '../../collectors/environment.js';
import { asRoot } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';

export const governor = check({
  id: 'governor',
  group: 'processor',
  read: current,
  judge(name, machine) {
    if (name === null) return fine('not visible, as in most virtual machines');
    if (name === 'performance') return fine(name);
    return {
      state: 'limited',
      finding: `${name}: the clock rate follows the load`,
      consequence: 'figures in ns drift within a run; ratios between pollers, paired by round, hardly do',
      command: asRoot('cpupower frequency-set -g performance', machine),
    };
  },
});
