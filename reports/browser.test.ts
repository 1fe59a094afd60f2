import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { pages } from './pages/registry.js';
import { Chromium, findChromium } from './testing/chromium.js';
import { exampleRun } from './testing/example-run.js';
import { writeReport } from './write.js';

const program = findChromium();
const skip = program === undefined ? 'there is no Chromium or Chrome on PATH to open the page with' : false;

const WIDER_THAN_THE_PAGE = `[...document.querySelectorAll('body *')]
  .filter((element) => !element.closest('.scroll, .plot'))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.tagName + '.' + element.className)`;
const OPEN_ALL_DETAILS = `document.querySelectorAll('details').forEach((each) => { each.open = true; })`;
const PAINTED = `(() => {
  const style = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
  return {
    paper: style('html', 'backgroundColor'),
    tickLabel: style('.plot .role-axis-label text', 'fill'),
    legend: style('.legend path', 'fill'),
    line: style('.plot .mark-line path', 'stroke'),
    band: style('.plot .mark-area path', 'fill'),
  };
})()`;

describe('the pages in a real browser', { skip }, () => {
  let browser: Chromium;
  let folder: string;
  let page: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pollcost-page-'));
    page = await writeReport(folder, exampleRun());
    browser = await Chromium.launch(program ?? '');
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const files = Object.values(pages).map(({ file }) => file);

  for (const width of [390, 1280]) {
    for (const file of files) {
      test(`nothing is wider than ${file} at ${width} px, with everything open`, async () => {
        await browser.open(join(folder, 'report', file), { width, scripts: false });
        await browser.evaluate(OPEN_ALL_DETAILS);
        assert.equal(await browser.evaluate('innerWidth'), width);
        assert.equal(await browser.evaluate('document.documentElement.scrollWidth'), width);
        assert.deepEqual(await browser.evaluate(WIDER_THAN_THE_PAGE), []);
      });
    }
  }

  test('no page asks for a file but itself', async () => {
    for (const file of files) {
      const path = join(folder, 'report', file);
      assert.deepEqual(await browser.open(path, { width: 1280 }), [pathToFileURL(path).href]);
    }
  });

  test('one SVG is painted in light and in dark', async () => {
    await browser.open(page, { width: 1280 });
    const light = (await browser.evaluate(PAINTED)) as Record<string, string>;
    await browser.open(page, { width: 1280, dark: true });
    const dark = (await browser.evaluate(PAINTED)) as Record<string, string>;
    for (const [part, colour] of Object.entries(light)) {
      assert.match(colour, /^rgb\(/, `${part} has a colour`);
      assert.notEqual(dark[part], colour, `${part} differs in the dark`);
    }
  });
});
