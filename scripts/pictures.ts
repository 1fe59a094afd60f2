import { readRun } from '../harness/results/run-folder.js';
import { findChromium, launch, openFile } from '../reports/testing/chromium.js';
import { writeReport } from '../reports/write.js';

/**
 * Makes the pictures of the README from a run: `npm run pictures -- [RUN]`, by default results/latest. They are the first
 * chart of its report, in light and in dark, as a browser paints it.
 */

const [run = 'results/latest'] = process.argv.slice(2);
const program = findChromium();
if (program === undefined) {
  process.stderr.write('pictures: there is no Chromium or Chrome on PATH; install one and try again\n');
  process.exit(2);
}
const page = await writeReport(run, readRun(run));
const browser = await launch(program);
try {
  for (const scheme of ['light', 'dark'] as const) {
    const opened = await openFile(browser, page, { width: 1600, dark: scheme === 'dark', scripts: false });
    const path = `docs/turn-cost-${scheme}.png`;
    await opened.page.locator('#chart-cost-of-watching .plot').screenshot({ path });
    await opened.close();
    process.stdout.write(`${path}\n`);
  }
} finally {
  await browser.close();
}
