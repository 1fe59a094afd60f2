import { table } from '../harness/cli/table.js';
import { binding } from './self/binding.js';
import { cascade } from './self/cascade.js';
import type { Row, SelfCost } from './self/cost.js';
import { sharedFileTable } from './self/file-table.js';
import { bytes, heap, registration } from './self/probe-costs.js';
import { idleConnections, loop, server } from './self/server.js';
import { startUp } from './self/start-up.js';

/** `npm run bench:self`: what the harness itself costs. Exit code 1 when a figure misses its limit. */

/** One line per group. Names on the command line choose. */
const costs: Readonly<Record<string, SelfCost>> = {
  startUp,
  binding,
  sharedFileTable,
  heap,
  bytes,
  registration,
  server,
  idleConnections,
  loop,
  cascade,
};

const rows: string[][] = [];
let missed = 0;
const wanted = process.argv.slice(2);
for (const [name, cost] of Object.entries(costs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`${cost.title} ...`);
  const measured = await cost.measure();
  rows.push([cost.title, '', '', ''], ...measured.map(rowOf));
  missed += measured.filter(({ ok }) => ok === false).length;
}
process.stdout.write(table(['', 'figure', 'limit', ''], rows, process.stdout));
process.stdout.write(`\n${missed === 0 ? 'every limit is kept' : `${missed} limits are missed`}\n`);
process.exitCode = missed === 0 ? 0 : 1;

function rowOf({ what, figure, limit = '', ok }: Row): string[] {
  return [`  ${what}`, figure, limit, ok === undefined ? '' : ok ? 'kept' : 'MISSED'];
}
