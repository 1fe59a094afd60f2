import Table from 'cli-table3';
import { wrapped } from './wrap.js';

const FEWEST_COLUMNS = 60;
const MOST_COLUMNS = 140;
const FEWEST_IN_LAST = 24;
const GAP = '  ';
const RULES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};

/** Where a table goes: how wide it may be, and whether it may be coloured. */
export interface Screen {
  readonly columns?: number;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** A table without lines; the last column wraps to what is left of the screen. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], screen: Screen): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.split('\n')));
  const room = Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, screen.columns ?? 100));
  const used = head.slice(0, -1).reduce((sum, _, column) => {
    const cells = all.flatMap((row) => row[column] ?? []);
    return sum + Math.max(...cells.map((cell) => stripped(cell).length)) + GAP.length;
  }, 0);
  const lastWidth = Math.max(FEWEST_IN_LAST, room - used);
  const made = new Table({
    chars: RULES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  // A row for each line: of a cell with several the package measures all of them for each.
  for (const row of all) made.push(...linesOf(row, head.length, lastWidth));
  const lines = made.toString().split('\n');
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** A row takes as many lines as the cell of it that takes most. */
function linesOf(row: readonly (readonly string[])[], columns: number, lastWidth: number): string[][] {
  const cells = Array.from({ length: columns }, (_, column) =>
    (row[column] ?? []).flatMap((line) => (column === columns - 1 ? wrapped(line, lastWidth) : line)),
  );
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => cells.map((cell) => cell[at] ?? ''));
}

const ESCAPE = String.fromCharCode(27);
const stripped = (text: string) => text.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');

const COLOURS = { green: 32, yellow: 33, red: 31, grey: 90, bold: 1 } as const;

/** Colours a text where the screen allows it (NO_COLOR forbids it). */
export const coloured = (text: string, colour: keyof typeof COLOURS, screen: Screen): string =>
  screen.isTTY && screen.hasColors?.() ? `${ESCAPE}[${COLOURS[colour]}m${text}${ESCAPE}[0m` : text;
