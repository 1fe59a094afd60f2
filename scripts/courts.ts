import Table from 'cli-table3';
import { sittings } from '../harness/claims/testing/courts.js';

/** npm run courts: what every rule makes of planted runs, of which the tests hold each verdict. */

const table = new Table({
  head: ['claim', 'planted to hold', 'to fail', 'to decide nothing', 'two pollers swapped'],
  style: { head: [], border: [] },
});
for (const { id, holds, fails, undecided, swapped } of sittings())
  table.push([id, holds, fails, undecided, swapped]);
process.stdout.write(`${table.toString()}\n`);
