import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../harness/results/run-schema.js';
import { writeWhole } from '../harness/results/write-whole.js';
import { pages } from './pages/registry.js';
import { readRecorded } from './recorded.js';
import { renderReport } from './render.js';
import { terseHtml } from './terse-html.js';

/**
 * Writes the pages of a run into `report/` of its folder, or elsewhere, and returns the path of the first, `index.html`. All
 * pages are rendered before any is written. Throws a ChartError when a chart cannot be drawn.
 */
export const writeReport = async (
  runFolder: string,
  run: Run,
  folder = join(runFolder, 'report'),
  site?: URL,
): Promise<string> => {
  const rendered = await renderReport(run, readRecorded(runFolder), site);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of rendered)
    writeWhole(join(folder, file), file.endsWith('.html') ? terseHtml(text) : text);
  return join(folder, pages.overview.file);
};
