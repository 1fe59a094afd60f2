import Table from 'cli-table3';

const FEWEST_COLUMNS = 60;
const MOST_COLUMNS = 140;
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
  middle: '  ',
};

/** Where a table goes: how wide it may be, and whether it may be coloured. */
export interface Screen {
  readonly columns?: number;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** A table without lines; the last column wraps to what is left of the screen. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], screen: Screen): string {
  const last = head.length - 1;
  const widths = head.slice(0, last).map((title, column) => {
    const cells = rows.flatMap((row) => (row[column] ?? '').split('\n'));
    return Math.max(title.length, ...cells.map((cell) => stripped(cell).length));
  });
  const room = Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, screen.columns ?? 100));
  const used = widths.reduce((sum, width) => sum + width + 2, 0);
  const made = new Table({
    chars: RULES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths, Math.max(24, room - used)],
    wordWrap: true,
    head: [...head],
  });
  made.push(...rows.map((row) => [...row]));
  return `${made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

const ESCAPE = String.fromCharCode(27);
const stripped = (text: string) => text.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');

const COLOURS = { green: 32, yellow: 33, red: 31, grey: 90, bold: 1 } as const;

/** Colours a text where the screen allows it (NO_COLOR forbids it). */
export const coloured = (text: string, colour: keyof typeof COLOURS, screen: Screen): string =>
  screen.isTTY && screen.hasColors?.() ? `${ESCAPE}[${COLOURS[colour]}m${text}${ESCAPE}[0m` : text;
