import { writeReport } from '../../reports/write.js';
import { readRun } from '../results/run-folder.js';

/** Builds the pages of a run again from its files, and prints where they are. */
export async function report(folder: string): Promise<void> {
  process.stdout.write(`${await writeReport(folder, readRun(folder))}\n`);
}
