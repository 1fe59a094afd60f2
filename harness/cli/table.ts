import { wrapped } from './wrap.js';

const FEWEST_COLUMNS = 60;
const MOST_COLUMNS = 140;
const FEWEST_IN_LAST = 24;
const GAP = '  ';

/** Where a table goes: how wide it may be, and whether it may be coloured. */
export interface Screen {
  readonly columns?: number;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** A table without lines; the last column wraps to what is left of the screen. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], screen: Screen): string {
  const all = [head, ...rows];
  const widths = head.slice(0, -1).map((_, column) => {
    const cells = all.flatMap((row) => (row[column] ?? '').split('\n'));
    return Math.max(...cells.map(widthOf));
  });
  const room = Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, screen.columns ?? 100));
  const used = widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const lastWidth = Math.max(FEWEST_IN_LAST, room - used);
  const lines = all.flatMap((row) => linesOf(row, widths, lastWidth));
  return lines.map((line) => `${line}\n`).join('');
}

/** A row takes as many lines as the cell of it that takes most. */
function linesOf(row: readonly string[], widths: readonly number[], lastWidth: number): string[] {
  const last = (row[widths.length] ?? '').split('\n').flatMap((line) => wrapped(line, lastWidth));
  const cells = [...widths.map((_, column) => (row[column] ?? '').split('\n')), last];
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) =>
    cells
      .map((cell, column) => padded(cell[at] ?? '', widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

const widthOf = (text: string): number => stripped(text).length;
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

const ESCAPE = String.fromCharCode(27);
const stripped = (text: string) => text.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');

const COLOURS = { green: 32, yellow: 33, red: 31, grey: 90, bold: 1 } as const;

/** Colours a text where the screen allows it (NO_COLOR forbids it). */
export const coloured = (text: string, colour: keyof typeof COLOURS, screen: Screen): string =>
  screen.isTTY && screen.hasColors?.() ? `${ESCAPE}[${COLOURS[colour]}m${text}${ESCAPE}[0m` : text;
