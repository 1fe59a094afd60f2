import { exit, stdout } from 'node:process';
import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { CLOSES_WITHIN } from '../harness/model/closure.js';
import { readRun } from '../harness/results/run-folder.js';
import { closureRows, drawRows, ledgerRows, modelRows, type Named } from './models/rows.js';
import { optionsOrExit, wholeNumberOption } from './options.js';

/**
 * `npm run models -- RUN...`: of each run the cost models and whether they are accepted, what they say of the live server
 * and what that was, and the ledger of kernel memory by each way of reading it. `--draws 100`: also in how many of so many draws of
 * what is held out each would be accepted, a tenth of a second for each.
 */

const { values, positionals: folders } = optionsOrExit({
  options: { draws: { type: 'string', default: '0' } },
  allowPositionals: true,
});
const draws = wholeNumberOption('--draws', values.draws, 0);
if (folders.length === 0) {
  console.error('models needs at least one run folder: npm run models -- results/latest');
  exit(2);
}
const runs: readonly Named[] = folders.map((name) => ({ name, run: readRun(name) }));

console.log(
  'Cost models: the error of what was held out, at most 5 % in the median and 15 % at the 90th percentile',
);
stdout.write(table(['run', 'poller', 'median', '90th', '', 'held out'], modelRows(runs), stdout));

if (draws > 0) {
  console.log(`\nThe same by the present code, over ${draws} draws of what is held out`);
  stdout.write(table(['run', 'poller', 'accepted'], drawRows(runs, draws), stdout));
}

console.log(
  `\nClosure: poll minus epoll in CPU time of a turn of the live server, within ${CLOSES_WITHIN * 100} %`,
);
stdout.write(
  table(
    ['run', 'load', 'predicted, us', 'measured, us', 'residual', '', 'slept: poll, epoll'],
    closureRows(runs),
    stdout,
  ),
);

console.log('\nLedger: kernel bytes for good of the most fds, computed and by each of the books');
stdout.write(
  table(
    ['run', 'poller', 'watched', 'computed', 'slabinfo', 'memory.stat', 'memory.kmem', 'a fd'],
    ledgerRows(runs),
    stdout,
  ),
);
console.log(
  "memory.kmem counts the pages of io_uring's rings as well (64 bytes for each entry that is sent and 16 for each of twice as many\n" +
    'answers, counts rounded up to powers of two), and for a moment those of the smaller rings that it outgrew: as much again',
);
