import type { RatioKind, Unit } from '../harness/results/run-schema.js';
import type { SubjectReadings } from '../harness/results/samples-schema.js';

/** Anything with a value, a 95 % interval and a unit: a figure of a cell, an effect, a term of a model. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: Unit;
  readonly ratioKind?: RatioKind | undefined;
}

/** A figure as people read it: `value` carries the unit, `interval` does not repeat it. */
export interface Written {
  readonly value: string;
  readonly interval: string;
}

interface Scale {
  readonly divisor: number;
  readonly suffix: string;
}

const THIN_SPACE = '\u202f';
const NO_BREAK = '\u00a0';
const MINUS = '\u2212';
const TIMES = '×';

const times: readonly Scale[] = [
  { divisor: 1e9, suffix: 's' },
  { divisor: 1e6, suffix: 'ms' },
  { divisor: 1e3, suffix: 'µs' },
  { divisor: 1, suffix: 'ns' },
];
const sizes: readonly Scale[] = [
  { divisor: 2 ** 30, suffix: 'GiB' },
  { divisor: 2 ** 20, suffix: 'MiB' },
  { divisor: 2 ** 10, suffix: 'KiB' },
  { divisor: 1, suffix: 'B' },
];
const inNanoseconds: Partial<Record<Unit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** A number with at most `decimals` digits behind the point and thin spaces between thousands. */
export const writeNumber = (value: number, decimals = 0): string => {
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) + (fraction ? `.${fraction}` : '');
  return value < 0 && /[1-9]/.test(digits) ? MINUS + digits : digits;
};

/** Three significant digits, and up to two more where the interval is so narrow that it would vanish. */
const decimalsFor = ({ value, low, high }: Pick<Interval, 'value' | 'low' | 'high'>): number => {
  // Where the interval is far wider than the value, its digits are what can be told.
  const size = Math.max(Math.abs(value), (high - low) / 2);
  if (size === 0 || (low === high && Number.isInteger(value))) return 0;
  const plain = Math.max(0, 2 - Math.floor(Math.log10(size)));
  const halfWidth = (high - low) / 2;
  const needed = halfWidth > 0 ? -Math.floor(Math.log10(halfWidth)) : 0;
  return Math.min(6, Math.max(plain, Math.min(needed, plain + 2)));
};

const pick = (scales: readonly Scale[], size: number): Scale =>
  scales.find(({ divisor }) => size >= divisor) ?? (scales.at(-1) as Scale);

const RATIO_SCALES: Readonly<Record<RatioKind, Scale>> = {
  share: { divisor: 0.01, suffix: '%' },
  exponent: { divisor: 1, suffix: '' },
  fds: { divisor: 1, suffix: 'fds' },
};
const FACTOR: Scale = { divisor: 1, suffix: TIMES };

const scaleFor = ({ value, low, high, unit, ratioKind }: Interval): Scale => {
  const size = Math.abs(value) || Math.max(Math.abs(low), Math.abs(high));
  const ns = inNanoseconds[unit];
  if (ns !== undefined) {
    const { divisor, suffix } = pick(times, size * ns);
    return { divisor: divisor / ns, suffix };
  }
  switch (unit) {
    case 'bytes':
      // Small sizes are compared byte by byte with the sentences ("384 bytes"), so they stay bytes.
      return size < 10_000 ? { divisor: 1, suffix: 'B' } : pick(sizes, size);
    case 'ratio':
      return ratioKind === undefined ? FACTOR : RATIO_SCALES[ratioKind];
    case 'per_second':
      return { divisor: 1, suffix: '/s' };
    case 'cores':
      return size < 0.1 ? { divisor: 0.01, suffix: '% CPU' } : { divisor: 1, suffix: 'cores' };
    default:
      return { divisor: 1, suffix: '' };
  }
};

/** A figure in the unit that suits its size ("75.3 µs", "[74.8, 76.0]"). */
export const write = (figure: Interval): Written => {
  if (figure.unit === 'boolean') return { value: figure.value === 1 ? 'yes' : 'no', interval: '' };
  const { divisor, suffix } = scaleFor(figure);
  const space = suffix && suffix !== TIMES ? NO_BREAK : '';
  const scaled = { value: figure.value / divisor, low: figure.low / divisor, high: figure.high / divisor };
  const isWhole = figure.unit === 'count' && Object.values(scaled).every(Number.isInteger);
  const decimals = isWhole ? 0 : decimalsFor(scaled);
  const value = writeNumber(scaled.value, decimals) + space + suffix;
  if (figure.low === figure.high) return { value, interval: '' };
  return { value, interval: `[${writeNumber(scaled.low, decimals)}, ${writeNumber(scaled.high, decimals)}]` };
};

/** A single number with its unit and no interval. */
export const writeValue = (value: number, unit: Unit, ratioKind?: RatioKind): string =>
  write({ value, low: value, high: value, unit, ratioKind }).value;

/** A factor as it stands in a sentence: 1.02×, 3.4×, 127×. */
export const writeFactor = (ratio: number): string =>
  writeNumber(ratio, ratio < 2 ? 2 : ratio < 10 ? 1 : 0) + TIMES;

/** Seconds of a run: "9.8 s", "3 min 41 s". */
export const writeDuration = (seconds: number): string => {
  const whole = Math.round(seconds);
  if (whole < 60) return `${writeNumber(seconds, seconds < 10 ? 1 : 0)}${NO_BREAK}s`;
  return `${Math.floor(whole / 60)}${NO_BREAK}min${NO_BREAK}${whole % 60}${NO_BREAK}s`;
};

/** An ISO 8601 time as "2026-11-23 04:45 UTC". */
export const writeTime = (iso: string): string =>
  `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A count with its noun: "1 cell", "2 cells". */
export const writeCount = (count: number, noun: string, plural = `${noun}s`): string =>
  `${writeNumber(count)}${NO_BREAK}${count === 1 ? noun : plural}`;

/** "a", "a and b", "a, b and c". */
export const writeList = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** The name of a metric or an effect as words: costRatio100Over50 becomes "cost ratio 100 over 50". */
export const inWords = (name: string): string =>
  name
    .replace(/(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])/g, ' ')
    .replace(/[-_.]+/g, ' ')
    .replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())
    .replace(/\bcpu\b/g, 'CPU');

/** A server by the factors that its readings have, in a run that is older than these by its name. */
export const serverInWords = ({ subject, factors }: Pick<SubjectReadings, 'subject' | 'factors'>): string => {
  if (factors === undefined) return subject;
  const { series, poller, app, fileTable, connections, mostConnections } = factors;
  const whose = [series === 'pollcost' ? undefined : series, poller].filter((each) => each !== undefined);
  const held =
    mostConnections === undefined
      ? writeCount(Number(connections), 'connection')
      : `up to ${writeCount(Number(mostConnections), 'connection')}`;
  return [...whose, `app ${app}`, `${fileTable} file table`, held].join(', ');
};
