import { argv, exit, stdout } from 'node:process';
import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { readRun } from '../harness/results/run-folder.js';
import { type SamePair, samePairs, shareApart } from './coverage/same-conditions.js';

/**
 * `npm run coverage -- RUN...`: figures that two experiments of one run both have, and how many of them differ by more than
 * their intervals say. Exit code 1 when that is more than the limit in any run.
 */

/** 5 % is what 95 % intervals leave; the rest is for how few pairs a run has. */
const LIMIT = 0.08;

const folders = argv.slice(2);
if (folders.length === 0) {
  console.error('usage: npm run coverage -- RUN...');
  exit(2);
}

let missed = false;
for (const folder of folders) {
  const run = readRun(folder);
  const pairs = samePairs(run);
  const metrics = [...new Set(pairs.map(({ metric }) => metric))];
  const everySample = samePairs(run, 'all');
  const row = (what: string, of: (pair: SamePair) => boolean) => {
    const chosen = pairs.filter(of);
    return [
      what,
      String(chosen.length),
      percent(shareApart(chosen)),
      percent(shareApart(everySample.filter(of))),
    ];
  };
  const rows = [
    ...metrics.map((metric) => row(metric, (pair) => pair.metric === metric)),
    row('all metrics', () => true),
  ];
  stdout.write(`${folder}: figures that two experiments both have\n`);
  stdout.write(table(['metric', 'pairs', 'apart at full speed', 'apart in all samples'], rows, stdout));
  const share = shareApart(pairs);
  if (share === null || share > LIMIT) missed = true;
}
process.exitCode = missed ? 1 : 0;

function percent(share: number | null): string {
  return share === null ? 'none' : `${(share * 100).toFixed(0)} %`;
}
