import { writeNumber } from '../figures.js';

/**
 * An axis that several panels may share. `time` labels nanoseconds as ns, µs, ms and s; `factor` as 1.02×; `share` as 12 %.
 * A `symlog` axis is logarithmic with a place for zero.
 */
export interface Axis {
  readonly title: string;
  readonly scale: 'log' | 'linear' | 'symlog';
  readonly labels: 'count' | 'time' | 'factor' | 'share' | 'bytes';
  readonly domain: readonly [number, number];
  /** Of a symlog axis: up to about here it is linear. */
  readonly linearTo?: number;
  /** Of an axis whose places have names, 0, 1, 2 and so on: what stands at those that are labelled. */
  readonly names?: ReadonlyMap<number, string>;
}

const STEPS = [1, 2, 5, 10];

const stepBelow = (value: number): number => {
  const decade = 10 ** Math.floor(Math.log10(value));
  return (STEPS.findLast((step) => step * decade <= value * (1 + 1e-9)) ?? 1) * decade;
};

const stepAbove = (value: number): number => {
  const decade = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * decade >= value * (1 - 1e-9)) ?? 10) * decade;
};

/**
 * A logarithmic domain from 1-2-5 step to 1-2-5 step around the values above zero: log(0) has no place to be.
 */
export const logDomain = (values: readonly number[]): [number, number] => {
  const above = values.filter((value) => value > 0);
  if (above.length === 0) return [1, 10];
  const low = Math.min(...above);
  const high = Math.max(...above);
  return low < high ? [stepBelow(low), stepAbove(high)] : [stepBelow(low / 1.5), stepAbove(high * 1.5)];
};

/** A domain from zero to the 1-2-5 step above the values. */
export const domainFromZero = (values: readonly number[]): [number, number] => {
  const high = Math.max(0, ...values);
  return [0, high > 0 ? stepAbove(high) : 1];
};

/**
 * An axis with a place for zero: the least value above zero is as far from it as from ten times as much.
 */
export const fromZero = (
  title: string,
  labels: Axis['labels'],
  values: readonly number[],
  least = 0,
): Axis => {
  const above = values.filter((value) => value > least);
  const linearTo = above.length > 0 ? stepBelow(Math.min(...above)) : 1;
  return { title, scale: 'symlog', labels, domain: domainFromZero(values), linearTo };
};

const DECADES_EACH_WAY = 3;

/** An axis for what lies on both sides of zero: linear around it, logarithmic beyond, as far each way as there is something. */
export const aroundZero = (title: string, labels: Axis['labels'], values: readonly number[]): Axis => {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0 || Math.min(...values) >= 0) return fromZero(title, labels, values);
  const most = Math.max(...sizes);
  const linearTo = stepBelow(Math.max(Math.min(...sizes), most / 10 ** DECADES_EACH_WAY));
  const end = (side: 1 | -1) => domainFromZero(values.map((value) => side * value))[1];
  const high = Math.max(...values) > 0 ? end(1) : 0;
  return { title, scale: 'symlog', labels, domain: [-end(-1), high], linearTo };
};

/** A logarithmic axis around the values. */
export const logAxis = (title: string, labels: Axis['labels'], values: readonly number[]): Axis => ({
  title,
  scale: 'log',
  labels,
  domain: logDomain(values),
});

/** A linear domain around the values and `anchor` (0 of a difference, 1 of a ratio) with a little air. */
export const linearDomain = (values: readonly number[], anchor: number): [number, number] => {
  const low = Math.min(anchor, ...values);
  const high = Math.max(anchor, ...values);
  const air = (high - low || 1) * 0.06;
  return [low < anchor ? low - air : anchor, high + air];
};

/** Where a logarithmic axis has its labels: every decade, and 1-2-5 steps where decades are too few. */
export const logTicks = ([low, high]: readonly [number, number]): number[] => {
  const decades: number[] = [];
  const steps: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high * (1 + 1e-9); decade *= 10) {
    for (const step of [1, 2, 5]) {
      const tick = Number((step * decade).toPrecision(3));
      if (tick < low * (1 - 1e-9) || tick > high * (1 + 1e-9)) continue;
      steps.push(tick);
      if (step === 1) decades.push(tick);
    }
  }
  return decades.length > 2 ? decades : steps;
};

const MOST_TICKS = 5;

/** Bytes in steps of powers of two, because that is how they are written (KiB, MiB). */
const byteTicks = ([low, high]: readonly [number, number], isLog: boolean): number[] => {
  if (isLog) {
    const powers = Array.from({ length: 60 }, (_, power) => 2 ** power).filter(
      (at) => at >= low && at <= high,
    );
    const every = Math.max(1, Math.ceil(powers.length / MOST_TICKS));
    return powers.filter((_, index) => index % every === 0);
  }
  const step = 2 ** Math.max(0, Math.ceil(Math.log2((high - low) / MOST_TICKS)));
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
};

/** Where an axis has its labels, unless Vega is to choose them. */
export const ticksOf = ({ scale, labels, domain, linearTo = 1, names }: Axis): number[] | undefined => {
  if (names) return [...names.keys()];
  if (labels === 'bytes' && scale !== 'symlog') {
    const ticks = byteTicks(domain, scale === 'log');
    if (ticks.length > 1) return ticks;
  }
  if (scale === 'log') return logTicks(domain);
  if (scale === 'linear') return undefined;
  const [low, high] = domain;
  const stepsTo = (end: number) => (end > linearTo ? logTicks([linearTo, end]) : [end]);
  if (labels === 'bytes' && low === 0 && high > linearTo) return [0, ...byteTicks([linearTo, high], true)];
  if (low >= 0) return low === 0 ? [0, ...stepsTo(high)] : stepsTo(high);
  const below = stepsTo(-low).map((step) => -step);
  return [...below.reverse(), 0, ...(high > 0 ? stepsTo(high) : [])];
};

/** The Vega expression that writes a tick as the page writes its figures. */
export const labelExpr = (labels: Axis['labels']): string => {
  const thousands = (value: string): string =>
    `replace(format(${value}, ',.6~r'), regexp(',', 'g'), '\u202f')`;
  if (labels === 'count') return thousands('datum.value');
  if (labels === 'factor') return "format(datum.value, '.4~r') + '×'";
  if (labels === 'share') return "format(100 * datum.value, '.3~r') + '\u00a0%'";
  const scaled = (from: string, unit: string): string =>
    `abs(datum.value) >= ${from} ? format(datum.value / ${from}, '.3~r') + '\u00a0${unit}' : `;
  if (labels === 'bytes') {
    return `${scaled('1048576', 'MiB')}${scaled('1024', 'KiB')}format(datum.value, '.3~r') + '\u00a0B'`;
  }
  const ns = `format(datum.value, '.4~r') + '\u00a0ns'`;
  return `datum.value === 0 ? '0' : ${scaled('1e9', 's')}${scaled('1e6', 'ms')}${scaled('1e3', 'µs')}${ns}`;
};

/** The Vega expression that writes what the places of an axis are called. */
export const namesExpr = (names: ReadonlyMap<number, string>): string =>
  [...names].reduceRight(
    (rest, [at, name]) => `datum.value === ${at} ? ${JSON.stringify(name)} : ${rest}`,
    "''",
  );

/** The span of an axis in words, for those who do not see it. */
export const spanInWords = ({ title, scale, domain, names }: Axis): string => {
  if (names) return `${title}, from ${[...names.values()][0]} to ${[...names.values()].at(-1)}`;
  const [low, high] = domain.map((end) => writeNumber(end, Number.isInteger(end) ? 0 : 2));
  return `${title}, ${scale === 'linear' ? 'linear' : 'logarithmic'}, from ${low} to ${high}`;
};
