import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeComparison } from '../comparison.js';
import { renderGallery } from '../gallery.js';
import { renderHistory } from '../history.js';
import { renderReport } from '../render.js';
import { terseHtml } from '../terse-html.js';
import { exampleRun } from './example-run.js';

/** Pages over several runs, which have their style within them. */
export const ALONE = ['compare.html', 'history.html', 'gallery.html'];

export interface ExampleFolder {
  /** A temporary folder; whoever asked for it removes it. */
  readonly folder: string;
  /** The pages of the report as they were before they were written tersely. */
  readonly rendered: ReadonlyMap<string, string>;
}

/** The report of the example run in the folder's `report`, and beside its pages one of each kind over several runs. */
export async function writeExampleFolder(): Promise<ExampleFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'pollcost-page-'));
  const inReport = (file: string) => join(folder, 'report', file);
  const run = exampleRun();
  const rendered = await renderReport(run);
  mkdirSync(inReport(''));
  for (const [file, whole] of rendered) writeFileSync(inReport(file), terseHtml(whole));
  const same = { noiseFactor: 1.05, differences: [], onlyInOne: 0, verdicts: [] };
  await writeComparison(folder, [{ a: run, b: run, ...same }]);
  const stages = [0, 1].map((at) => ({ run: at, value: 300, low: 290, high: 310, step: null }));
  const history = {
    experiment: 'watched-fds',
    metric: 'cpuNsPerTurn',
    factors: { watched: '1000', ready: '0', position: 'none', timeout: 'zero' },
    courses: [{ poller: 'epoll', unit: 'ns' as const, stages }],
    runs: [run, run],
  };
  writeFileSync(inReport('history.html'), await renderHistory(history));
  const shown = { run, href: 'index.html' };
  writeFileSync(inReport('gallery.html'), await renderGallery([shown, shown]));
  return { folder, rendered };
}
