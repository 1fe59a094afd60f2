import { remedyFor } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';

export const turnProbe = check({
  id: 'turn-probe',
  group: 'program',
  anywhere: true,
  read: ({ probe }) => probe,
  judge: (probe, machine) =>
    probe.ok
      ? fine(`the process that is measured starts, with koffi ${probe.facts.koffi}`)
      : {
          state: 'missing',
          finding: `the process that is measured does not start: ${probe.reason}`,
          consequence:
            'bench stops at once and measures nothing; the C twin, the file table and pinning cannot be tried',
          command: remedyFor(probe.reason, machine),
          loses: machine.experiments.map(({ id }) => id),
        },
});
