import { statSync } from 'node:fs';
import { unpackRun } from '../results/packed-run.js';

/** The folder of a run that a user names: itself, or what `export` has packed, unpacked into results/. @throws DamagedFile */
export const folderOf = (run: string): string =>
  statSync(run, { throwIfNoEntry: false })?.isFile() ? unpackRun(run, 'results') : run;
