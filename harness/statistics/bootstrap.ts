import { quickselect } from 'simple-statistics';
import { calibrated } from './calibration.js';
import { randomFrom } from './random.js';
import { RoundTable } from './resampling.js';
import { perRound, type Rounds, requirePositive } from './rounds.js';

/** An estimate with its confidence interval, `low <= value <= high`, all in the unit of the figures. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** rounds of all launches */
  readonly n: number;
  /** launches that have rounds */
  readonly launches: number;
}

export interface IntervalOptions {
  /** a safe integer: the same seed and figures give the same interval */
  readonly seed: number;
  /** the coverage aimed at, within 0..1 exclusive; 0.95 unless given */
  readonly level?: number;
  /** resamples of each kind, at least 100; 1 000 unless given */
  readonly resamples?: number;
}

export interface MedianOptions extends IntervalOptions {
  /** what no such figure can lie below (0 for a time or a share): `low` is cut there; none unless given */
  readonly floor?: number;
}

/**
 * The median over all rounds of all launches. See `calibrated` for how the interval is made and what it
 * covers.
 *
 * One figure gives low = high = value: nothing is known of its scatter. Equal figures give a zero width.
 *
 * @throws RangeError without figures, with figures that are not finite, or for options out of range
 */
export function medianInterval(
  figures: Rounds,
  { floor = Number.NEGATIVE_INFINITY, ...options }: MedianOptions,
): Interval {
  const interval = medianOf(figures, options);
  return { ...interval, low: Math.min(interval.value, Math.max(interval.low, floor)) };
}

/**
 * The median over rounds of any figure that is computed within one round from several series, which were
 * measured in the same launches and rounds. `statistic` gets the figures of one round in the order of the
 * series.
 *
 * @throws RangeError as `medianInterval`, and if the series differ in shape
 */
export function perRoundInterval(
  series: readonly Rounds[],
  statistic: (figures: readonly number[]) => number,
  options: IntervalOptions,
): Interval {
  return medianOf(perRound(series, statistic), options);
}

/** The median of `a - b`, round by round, in their unit. @throws RangeError as `perRoundInterval` */
export function differenceInterval(a: Rounds, b: Rounds, options: IntervalOptions): Interval {
  return perRoundInterval([a, b], ([ofA, ofB]) => (ofA as number) - (ofB as number), options);
}

/**
 * The median ratio of two series of one process, round by round: the median of the log ratios, made a ratio
 * again, so that exchanging the series gives the reciprocal interval.
 *
 * @throws RangeError as `perRoundInterval`, and for figures that are not greater than 0
 */
export function ratioInterval(numerator: Rounds, denominator: Rounds, options: IntervalOptions): Interval {
  requirePositive(numerator, 'figures of a ratio');
  requirePositive(denominator, 'figures of a ratio');
  const logs = perRound([numerator, denominator], ([over, under]) =>
    Math.log((over as number) / (under as number)),
  );
  const { value, low, high, n, launches } = medianOf(logs, options);
  return { value: exp(value), low: exp(low), high: exp(high), n, launches };
}

/**
 * Intervals for figures that are computed from the medians of several series which share launches and rounds:
 * fitted coefficients, a prediction, a ratio of medians. Launches and rounds are resampled for all series
 * together, so what disturbs all of them in a round cancels where it should. `statistic` gets the medians in
 * the order of the series; it is called about 2 000 times and must not keep its argument.
 *
 * @returns one interval for each key that the statistic returns
 * @throws RangeError as `perRoundInterval`, and if the statistic is not finite for a resample
 */
export function intervalsOfMedians<Name extends string>(
  series: readonly Rounds[],
  statistic: (medians: Float64Array) => Readonly<Record<Name, number>>,
  options: IntervalOptions,
): Record<Name, Interval> {
  const table = new RoundTable(series);
  table.selectAll();
  const names = Object.keys(statistic(table.medians)) as Name[];
  const intoResult = (medians: Float64Array, result: Float64Array) => {
    const figures = statistic(medians);
    for (const [i, name] of names.entries()) {
      if (!Number.isFinite(figures[name])) throw new RangeError(`${name} is ${figures[name]} for a resample`);
      result[i] = figures[name];
    }
  };
  const intervals = intervalsOf(series, names.length, intoResult, options);
  return Object.fromEntries(names.map((name, i) => [name, intervals[i]])) as Record<Name, Interval>;
}

type Statistic = (medians: Float64Array, result: Float64Array) => void;

function medianOf(figures: Rounds, options: IntervalOptions): Interval {
  return intervalsOf([figures], 1, copyMedian, options)[0] as Interval;
}

/** What is counted is often the same in every round: then so is each resample. */
const areEqual = (figures: Rounds): boolean => {
  const first = figures.find((rounds) => rounds.length > 0)?.[0];
  return figures.every((rounds) => rounds.every((figure) => figure === first));
};

/** `statistic` writes `width` figures; the result has an interval for each. */
function intervalsOf(
  series: readonly Rounds[],
  width: number,
  statistic: Statistic,
  { seed, level = 0.95, resamples = 1000 }: IntervalOptions,
): Interval[] {
  requireInRange(level, resamples);
  const table = new RoundTable(series);
  const random = randomFrom(seed);
  const result = new Float64Array(width);
  const collect = (times: number, select: (time: number) => void): Float64Array[] => {
    const columns = Array.from(result, () => new Float64Array(times));
    for (let time = 0; time < times; time++) {
      select(time);
      statistic(table.medians, result);
      for (let i = 0; i < width; i++) (columns[i] as Float64Array)[time] = result[i] as number;
    }
    return columns;
  };
  const values = collect(1, () => table.selectAll());
  const ofLaunches = collect(table.launches, (launch) => table.selectLaunch(launch));
  // Two, because a variance takes two.
  const times = series.every(areEqual) ? 2 : resamples;
  const byRounds = collect(times, () => table.resampleRounds(random));
  const byBoth = collect(times, () => table.resampleLaunchesAndRounds(random));

  return values.map(([estimate], i) => {
    const value = estimate as number;
    const scatter = {
      value,
      ofLaunches: ofLaunches[i] as Float64Array,
      roundVariance: varianceAround(value, byRounds[i] as Float64Array),
      ...percentiles(byBoth[i] as Float64Array, level),
    };
    const ends = calibrated(scatter, table.roundsOf, level);
    return { value, ...ends, n: table.rounds, launches: table.launches };
  });
}

function requireInRange(level: number, resamples: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`a level lies within 0..1, not ${level}`);
  if (!(Number.isInteger(resamples) && resamples >= 100)) {
    throw new RangeError(`resamples must be a whole number of at least 100, not ${resamples}`);
  }
}

function copyMedian(medians: Float64Array, result: Float64Array): void {
  result[0] = medians[0] as number;
}

/** The two ends of the middle `level` of the figures, whose order changes. */
function percentiles(figures: Float64Array, level: number): { low: number; high: number } {
  const last = figures.length - 1;
  const outside = Math.round(((1 - level) / 2) * last);
  // Selecting is 5 times faster than sorting; the types of simple-statistics know no typed arrays.
  const selectable = figures as unknown as number[];
  quickselect(selectable, outside);
  // Read before the next selection, which moves figures again.
  const low = figures[outside] as number;
  quickselect(selectable, last - outside);
  return { low, high: figures[last - outside] as number };
}

/** Shifted by the value so that equal figures have a variance of exactly 0. */
function varianceAround(value: number, figures: Float64Array): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < figures.length; i++) {
    const deviation = (figures[i] as number) - value;
    sum += deviation;
    squares += deviation * deviation;
  }
  return Math.max(0, (squares - (sum * sum) / figures.length) / (figures.length - 1));
}

/** Kept finite: results hold no infinity. */
function exp(log: number): number {
  return Math.min(Math.exp(log), Number.MAX_VALUE);
}
