import { isLowered, isOutOfFds, raiseFdLimit } from '../../collectors/remedies.js';
import { check, fine, type Shortage } from '../check.js';
import type { Machine } from '../machine.js';
import { lossOf } from '../rehearsal.js';

export const fdLimit = check({
  id: 'fd-limit',
  group: 'sockets',
  read: ({ probe }) => (probe.ok ? probe.facts : null),
  judge(facts, machine) {
    const aside = isLowered(machine) ? ` (ulimit -n; process 1 has ${machine.firstFdLimit})` : ' (ulimit -n)';
    if (facts === null) {
      if (machine.probe.ok || machine.fdLimit === null) return null;
      if (!isOutOfFds(machine.probe.reason)) return fine(`${machine.fdLimit} fds`);
      return tooFewFds(machine);
    }
    const { fdLimit: limit, numbers } = facts;
    const fds = limit.soft === limit.hard ? `${limit.soft} fds` : `${limit.soft} fds, at most ${limit.hard}`;
    const sockets = `at most ${numbers.mostPairs} watched sockets, each with its peer`;
    const { text, severe, experiments } = lossOf(facts, { fdLimit: limit, numbers }, machine);
    if (experiments.length === 0) return fine(`${fds}: ${sockets}`);
    return {
      state: severe ? 'missing' : 'limited',
      finding: `${fds}${aside}: ${sockets}`,
      consequence: text,
      command: raiseFdLimit(machine),
      loses: experiments,
    };
  },
});

const tooFewFds = (machine: Machine): Shortage => ({
  state: 'missing',
  finding: `${machine.fdLimit} fds: too few for the processes of bench`,
  consequence: 'nothing is measured',
  command: raiseFdLimit(machine),
  loses: machine.experiments.map(({ id }) => id),
});
