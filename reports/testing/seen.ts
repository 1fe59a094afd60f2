import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { Windows } from './chromium.js';

export const WIDTHS = [360, 390, 1280, 2560];
export const SCHEMES = ['light', 'dark'] as const;

const WIDER_THAN_THE_PAGE = `[...document.querySelectorAll('body *')]
  .filter((element) => !element.closest('.scroll, .plot, .skip'))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.tagName + '.' + element.className)`;
const OPEN_ALL_DETAILS = `document.querySelectorAll('details').forEach((each) => { each.open = true; })`;

/** The colours of a page with a chart, to be asked in it. */
export const PAINTED = `(() => {
  const style = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
  return {
    paper: style('html', 'backgroundColor'),
    tickLabel: style('.plot .role-axis-label text', 'fill'),
    legend: style('.legend path', 'fill'),
    line: style('.plot .mark-line path', 'stroke'),
    band: style('.plot .mark-area path', 'fill'),
  };
})()`;
/** Where the last of what a selector finds ends, in pixels. */
export const BOTTOM_OF = (selector: string) =>
  `Math.max(...[...document.querySelectorAll('${selector}')].map((each) => each.getBoundingClientRect().bottom))`;

const axe = () => readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is to be seen of one page with everything open. */
export interface Seen {
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  /** By width in pixels: how wide all of it is, and what reaches beyond. */
  readonly tooWide: ReadonlyMap<number, unknown>;
  /** By scheme, what axe-core finds. */
  readonly violations: ReadonlyMap<string, readonly string[]>;
}

/** Opens a page once for all of it: to load and lay it out costs far more than another width or colour does. */
export async function lookAt(windows: Windows, path: string): Promise<Seen> {
  const opened = await windows.show(path, { width: 1280 });
  const { page } = opened;
  const [requests, complaints] = [[...opened.requests], [...opened.complaints]];
  await page.evaluate(OPEN_ALL_DETAILS);
  const tooWide = new Map<number, unknown>();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const all = await page.evaluate('document.documentElement.scrollWidth');
    tooWide.set(width, { all, parts: await page.evaluate(WIDER_THAN_THE_PAGE) });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(await axe());
  const violations = new Map<string, readonly string[]>();
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    violations.set(colorScheme, await violationsOf(page));
  }
  return { requests, complaints, tooWide, violations };
}

async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate(
    `axe.run({ resultTypes: ['violations'], selectors: false })`,
  )) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => `${id} x${nodes.length}: ${nodes[0]?.html.slice(0, 120)}`);
}
