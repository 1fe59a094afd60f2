import { table } from '../../harness/cli/table.js';
import type { Row, SelfCost } from './cost.js';

/** Measures the groups that the command line names, or all, and prints them. Exit code 1 when a figure misses its limit. */
export async function measureGroups(groups: Readonly<Record<string, SelfCost>>): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in groups));
  if (unknown.length > 0) {
    console.error(`no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const rows: string[][] = [];
  let missed = 0;
  let without = 0;
  for (const [name, group] of Object.entries(groups)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.error(`${group.title} ...`);
    const measured = await group.measure();
    rows.push([group.title, '', '', ''], ...measured.map(rowOf));
    missed += measured.filter(({ ok }) => ok === false).length;
    without += measured.filter(({ skipped }) => skipped !== undefined).length;
  }
  process.stdout.write(table(['', 'figure', 'limit', ''], rows, process.stdout));
  const kept = missed === 0 ? 'every limit is kept' : `${missed} limits are missed`;
  process.stdout.write(`\n${kept}${without === 0 ? '' : `, ${without} rows were skipped`}\n`);
  process.exitCode = missed === 0 ? 0 : 1;
}

function rowOf({ what, figure, limit = '', ok, skipped = '' }: Row): string[] {
  return [`  ${what}`, figure, limit, ok === undefined ? skipped : ok ? 'kept' : 'MISSED'];
}
