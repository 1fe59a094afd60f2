/** How far each command goes that Vega writes for lines, bands and bars; arcs and curves stay as they are. */
const COMMAND = /([MLHVhvlmZ])([^A-Za-z]*)/g;
const NUMBER = /-?\d*\.?\d+/g;

/** To a tenth, as whole tenths: differences of these do not drift. */
const tenthsOf = (text: string): number[] =>
  (text.match(NUMBER) ?? []).map((digits) => Math.round(Number(digits) * 10));

const written = (tenths: number): string => String(tenths / 10).replace(/^(-?)0\./, '$1.');

/** Numbers in a row, with a space only where a sign or a second point does not tell them apart. */
const inARow = (numbers: readonly number[]): string =>
  numbers.map(written).reduce((row, next) => {
    const isApart = row === '' || next.startsWith('-') || (next.startsWith('.') && /\.\d+$/.test(row));
    return row + (isApart ? '' : ' ') + next;
  }, '');

/**
 * The same way in fewer letters, to a tenth of a pixel: each step from where the last one ended, as most steps are short.
 */
export const shortPath = (d: string): string => {
  if (/[^MLHVhvlmZ\d\s.,-]/.test(d)) return d;
  let [x, y, startX, startY] = [0, 0, 0, 0];
  let [out, last] = ['', ''];
  const step = (command: string, numbers: readonly number[]) => {
    const row = inARow(numbers);
    const goesOn = command === last && command !== 'm';
    const isApart = !goesOn || row.startsWith('-');
    out += (goesOn ? '' : command) + (isApart ? '' : ' ') + row;
    last = command;
  };
  for (const [, command = '', text = ''] of d.matchAll(COMMAND)) {
    const numbers = tenthsOf(text);
    if (command === 'Z') {
      out += 'z';
      [x, y, last] = [startX, startY, 'z'];
      continue;
    }
    const isAcross = command === 'h' || command === 'H';
    const isAlong = command === 'v' || command === 'V';
    const isAbsolute = command === command.toUpperCase();
    for (let at = 0; at < numbers.length; at += isAcross || isAlong ? 1 : 2) {
      const first = numbers[at] ?? 0;
      const toX = isAlong ? x : (isAbsolute ? 0 : x) + first;
      const toY = isAcross ? y : (isAbsolute ? 0 : y) + (isAlong ? first : (numbers[at + 1] ?? 0));
      const [dx, dy] = [toX - x, toY - y];
      const isMove = /m/i.test(command) && at === 0;
      if (isMove) {
        step(out === '' ? 'M' : 'm', [dx, dy]);
        [startX, startY] = [toX, toY];
      } else if (dy === 0) step('h', [dx]);
      else if (dx === 0) step('v', [dy]);
      else step('l', [dx, dy]);
      [x, y] = [toX, toY];
    }
  }
  return out;
};
