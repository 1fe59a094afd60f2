import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { readRun } from '../harness/results/run-folder.js';
import { optionsOrExit, wholeNumberOption } from './options.js';
import { agreementLine, agreementOf, runRow } from './stability/runs.js';
import { stabilityOf } from './stability/verdicts.js';

/**
 * `npm run stability -- [--runs 10] [--profile standard] [--out results/stability]`: the same bench over and over, each with
 * a seed of its own: how often each claim got its most frequent verdict, what each run took and decided, and how well their
 * headline figures agree. Exit code 1 when a claim got its verdict in fewer than nine tenths of the runs. Finished runs that
 * are in the folder already count, so a stability run can be taken up again.
 */

const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));
const LEAST_SHARE = 0.9;

const { values } = optionsOrExit({
  options: {
    runs: { type: 'string', default: '10' },
    profile: { type: 'string', default: 'standard' },
    out: { type: 'string', default: 'results/stability' },
  },
});
const runs = wholeNumberOption('--runs', values.runs, 2);
let stopping = false;
process.once('SIGINT', () => {
  stopping = true;
});

const finished = [];
for (let index = 1; index <= runs && !stopping; index++) {
  const folder = join(values.out, `run-${index}`);
  if (!existsSync(join(folder, 'run.json'))) await bench(folder, index);
  const run = readRun(folder);
  if (run.status !== 'completed' || run.profile !== values.profile) {
    console.error(`${folder} is a run of profile ${run.profile} that is ${run.status}: it does not count`);
    continue;
  }
  finished.push(run);
  console.error(`${folder}: ${run.claims.map(({ id, verdict }) => `${id} ${verdict}`).join(', ')}`);
}

const claims = stabilityOf(finished);
const rows = claims.map(({ id, verdicts, share }) => [
  id,
  `${(share * 100).toFixed(0)} %`,
  share >= LEAST_SHARE ? 'stable' : 'NOT STABLE',
  verdicts.map(({ verdict, count }) => `${verdict} ${count}`).join(', '),
]);
process.stdout.write(
  table(['claim', 'same verdict', '', `verdicts of ${finished.length} runs`], rows, process.stdout),
);
process.stdout.write('\n');
process.stdout.write(
  table(
    ['seed', 'took', 'at full speed', 'floor', 'of the answer', 'beyond it', 'models accepted'],
    finished.map(runRow),
    process.stdout,
  ),
);
const agreement = finished.length < 2 ? null : agreementOf(finished);
if (agreement) console.log(`\n${agreementLine(agreement)}`);
process.exitCode = finished.length >= 2 && claims.every(({ share }) => share >= LEAST_SHARE) ? 0 : 1;

async function bench(folder: string, seed: number): Promise<void> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [MAIN, 'bench', '--profile', values.profile, '--seed', String(seed), '--out', folder],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  console.error(`${folder}: exit code ${code}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
