import { compareRuns } from '../gate/two-runs.js';
import { readRun } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import { requireFds } from './fds-for-drawing.js';
import { folderOf } from './folder-of.js';

/** Builds the pages of a run again from its files, or those that hold several against the first, and prints where they are. */
export async function report(runs: readonly string[]): Promise<void> {
  const [folder = '', ...others] = runs.map(folderOf);
  process.stdout.write(`${await buildReport(folder, readRun(folder))}\n`);
  if (others.length === 0) return;
  const { writeComparison } = await import('../../reports/comparison.js');
  const pairs = others.map((other) => compareRuns(folder, other));
  process.stdout.write(`${await writeComparison(folder, pairs)}\n`);
}

/** Returns the path of the first page. @throws TooFewFds */
export async function buildReport(folder: string, run: Run): Promise<string> {
  requireFds(`report ${folder}`);
  const { writeReport } = await import('../../reports/write.js');
  return writeReport(folder, run);
}
