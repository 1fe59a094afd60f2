import { asTyped } from '../collectors/invocation.js';
import { hardFdLimit } from '../collectors/rights.js';
import { compareRuns } from '../gate/two-runs.js';
import { readRun } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import { folderOf } from './folder-of.js';

/** Drawing loads some hundred modules, many of them at once. */
export class TooFewFds extends Error {
  override readonly name = 'TooFewFds';
}

/** Builds the pages of a run again from its files, or those that hold several against the first, and prints where they are. */
export async function report(runs: readonly string[]): Promise<void> {
  const [folder = '', ...others] = runs.map(folderOf);
  process.stdout.write(`${await buildReport(folder, readRun(folder))}\n`);
  if (others.length === 0) return;
  const { writeComparison } = await import('../../reports/comparison.js');
  const pairs = others.map((other) => compareRuns(folder, other));
  process.stdout.write(`${await writeComparison(folder, pairs)}\n`);
}

/** Measured with some to spare: what the drawing library opens at once. */
const FDS_NEEDED = 200;

/** Returns the path of the first page. @throws TooFewFds */
export async function buildReport(folder: string, run: Run): Promise<string> {
  // Beforehand, because a module loader that runs out of fds reports anything but that.
  const limit = hardFdLimit('self');
  if (limit !== null && limit < FDS_NEEDED) {
    throw new TooFewFds(
      `the report needs more open files than the limit of ${limit}; with 'ulimit -n 1024': ${asTyped(`report ${folder}`)}`,
    );
  }
  const { writeReport } = await import('../../reports/write.js');
  return writeReport(folder, run);
}
