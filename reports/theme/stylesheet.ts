import { readFile } from 'node:fs/promises';
import { looks } from './pollers.js';

const colours = (mode: 'light' | 'dark'): string =>
  [...looks].map(([poller, look]) => `--p-${poller}:${look[mode]}`).join(';');

/** What pages do for those who have JavaScript; without it nothing is missing but that. */
export type PageScript = 'page.js' | 'explore.js';

export const pageScript = (name: PageScript = 'page.js'): Promise<string> =>
  readFile(new URL(name, import.meta.url), 'utf8').then((script) =>
    script.replace(/^ *(?:\/\/.*|\/\*\*.*\*\/)?\n/gm, '').replace(/^ +/gm, ''),
  );

/** Every page carries it: without comments, and without the room that people read it by. */
const withoutRoom = (css: string): string =>
  css
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1');

/** In this order: a place on one page and a narrow or printed one come after what they change. */
const SHEETS = ['page', 'verdicts', 'tables', 'charts', 'places'].map((name) => `${name}.css`);

/** The style sheet of every page: ours and the pollers' colours, light and dark. */
export const stylesheet = async (): Promise<string> => {
  const sheets = await Promise.all(SHEETS.map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  const css = withoutRoom(sheets.join('\n'));
  return `:root{${colours('light')}}@media (prefers-color-scheme:dark){:root{${colours('dark')}}}\n${css}`;
};
