import { sittings } from '../harness/claims/testing/courts.js';
import { table } from '../harness/cli/table.js';

/** npm run courts: what every rule makes of planted runs, of which the tests hold each verdict. */

const head = ['claim', 'planted to hold', 'to fail', 'to decide nothing', 'two pollers swapped'];
const rows = sittings().map(({ id, holds, fails, undecided, swapped }) => [
  id,
  holds,
  fails,
  undecided,
  swapped,
]);
process.stdout.write(table(head, rows, process.stdout));
