import { writeFileSync } from 'node:fs';
import { MOST_BYTES, packRun } from '../results/packed-run.js';
import { readRun } from '../results/run-folder.js';
import { complain } from './standard-streams.js';
import { UsageError } from './usage.js';

/** Packs a run into one file and prints its name. @throws UsageError, DamagedFile */
export function exportRun(folder: string, { out, samples }: { out?: string; samples?: boolean }): void {
  const run = readRun(folder);
  if (run.status === 'running') {
    throw new UsageError(`${folder} is still running as process ${run.pid}; wait for it`);
  }
  const file = out ?? `${run.id}.pollcost.gz`;
  const { bytes, everyRound } = packRun(folder, samples);
  try {
    writeFileSync(file, bytes, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
    throw new UsageError(`${file} ${why}; choose another --out`);
  }
  if (everyRound > 1) {
    complain(
      `of each launch every ${everyRound}th round's samples are in ${file}, so that it stays below ` +
        `${MOST_BYTES / 2 ** 20} MiB; all of them with --samples`,
    );
  }
  process.stdout.write(`${file}\n`);
}
