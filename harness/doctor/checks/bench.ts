import { remedyFor } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';

export const bench = check({
  id: 'bench',
  group: 'program',
  read: (machine) => machine.bench,
  judge: (loaded, machine) =>
    loaded.ok
      ? fine('the program of bench loads')
      : {
          state: 'missing',
          finding: `the program of bench does not load: ${loaded.reason}`,
          consequence: 'bench stops at once and measures nothing',
          command: remedyFor(loaded.reason, machine),
          loses: machine.experiments.map(({ id }) => id),
        },
});
