import type { Interval } from './bootstrap.js';
import { median } from './median.js';
import { type Rounds, requirePositive } from './rounds.js';
import type { ScatterPrior } from './scatter-prior.js';
import { studentHalfWidth } from './student.js';

/**
 * Intervals of what is computed from several cells that shared their launches, each of which has figures of its own rounds
 * there: not every batch is at full speed, and those of two cells need not be of the same rounds.
 */
export interface LaunchOptions {
  /** the coverage aimed at, within 0..1 exclusive; 0.95 unless given */
  readonly level?: number;
  /** for each series what is known beforehand of its scatter from launch to launch, of logarithms; null: nothing */
  readonly priors?: readonly (ScatterPrior | null)[];
}

/**
 * A statistic of the cells' costs. A launch is a unit: its figure for a cell is the median of its rounds, a cell's cost the
 * mean over launches. `statistic` gets the costs in the order of the series, and must not keep its argument.
 *
 *     half = t[d0 + L-1] * sqrt((d0 * V0 + (L-1) * V) / (d0 + L-1))
 *
 * V is the variance by leaving out one of L launches after the other (the jackknife: Efron and Tibshirani, An Introduction to
 * the Bootstrap, 1993, ch. 11), which pairs the cells launch by launch: what moves a whole launch cancels where it
 * should. V0 is what the priors of the cells make of it by the first derivatives of the statistic, worth d0 degrees of
 * freedom, the fewest of any of them (the moderated t of Smyth 2004, see `scatterPrior`). Without a prior d0 is 0. Of a
 * single launch V is that of its rounds.
 *
 * Simulated coverage in % at level 0.95, ratios of neighbours among 40 cells, launches that move together by 3 %, a scatter
 * of each cell's launches that is planted around 2.5 %, three rounds a launch of which 60 % are at full speed:
 *
 *     launches   scatter as in runs (4 degrees)   the same in all   ten times as far in a tenth   a poller slow in 1 launch of 5
 *     2          94.7-95.3                        95.4-96.4         94.7
 *     3          93.7-94.2                        95.5-95.9         95.6                          89.9
 *     5          94.6-94.7                        92.9-95.1         95.5                          89.6
 *
 * The last column is what is not reached: a launch in which one poller is slow at every count (the compiler of Node does
 * that to it in one life of five or ten) moves all its cells together, so that they cannot tell of one another.
 *
 * @returns one interval for each key that the statistic returns
 * @throws RangeError without series or figures, for series of different launches, and if the statistic is not finite
 */
export function intervalsOfLaunches<Name extends string>(
  series: readonly Rounds[],
  statistic: (costs: Float64Array) => Readonly<Record<Name, number>>,
  { level = 0.95, priors = [] }: LaunchOptions = {},
): Record<Name, Interval> {
  const { units, launches, rounds } = unitsOf(series);
  const result = statistic(costsOf(units, null));
  const names = Object.keys(result) as Name[];
  const leftOut = units.length < 2 ? [] : units.map((_, unit) => statistic(costsOf(units, unit)));
  const byPriors = varianceByPriors(costsOf(units, null), statistic, names, launches, priors);
  const intervals = names.map((name): [Name, Interval] => {
    const value = result[name];
    const own = {
      variance: jackknifeVariance(leftOut.map((figures) => figures[name])),
      // Rounds of a single launch know nothing of others; a prior does.
      degrees: launches === 1 && byPriors ? 0 : Math.max(0, units.length - 1),
    };
    const half = halfWidth(own, byPriors?.(name) ?? NOTHING, level);
    if (!Number.isFinite(value) || !Number.isFinite(half))
      throw new RangeError(`${name} is ${value}, its half width ${half}`);
    return [name, { value, low: value - half, high: value + half, n: rounds, launches }];
  });
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

/**
 * A statistic of the medians of series, each over all figures of all launches: for what now and then lies far off, where the median
 * of a launch's few figures does, too. A launch is still the unit: `half` is that of `intervalsOfLaunches`. Deleting a launch's
 * figures at a time tells how a median scatters, which deleting one figure does not (Shao and Wu 1989).
 *
 * @returns one interval for each key that the statistic returns
 * @throws RangeError for fewer than two launches, a series without figures, and if the statistic is not finite
 */
export function intervalsOfPooledMedians<Name extends string>(
  series: readonly Rounds[],
  statistic: (medians: Float64Array) => Readonly<Record<Name, number>>,
  { level = 0.95, priors = [] }: LaunchOptions = {},
): Record<Name, Interval> {
  const launches = series[0]?.length ?? 0;
  if (launches < 2 || series.some(({ length }) => length !== launches))
    throw new RangeError('series of fewer than two launches, or of different ones');
  const without = (left: number | null) =>
    Float64Array.from(series, (of) => median(of.filter((_, launch) => launch !== left).flat()));
  const result = statistic(without(null));
  const names = Object.keys(result) as Name[];
  const leftOut = Array.from({ length: launches }, (_, launch) => statistic(without(launch)));
  const byPriors = varianceByPriors(without(null), statistic, names, launches, priors);
  const n = Math.min(...series.map((of) => of.flat().length));
  const intervals = names.map((name): [Name, Interval] => {
    const variance = jackknifeVariance(leftOut.map((figures) => figures[name]));
    const half = halfWidth({ variance, degrees: launches - 1 }, byPriors?.(name) ?? NOTHING, level);
    const value = result[name];
    if (!Number.isFinite(value + half)) throw new RangeError(`${name} is ${value}, its half width ${half}`);
    return [name, { value, low: value - half, high: value + half, n, launches }];
  });
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

/** The ratio of the costs of two cells; exchanging them gives the reciprocal interval. @throws RangeError unless all are > 0 */
export function launchRatio(over: Rounds, under: Rounds, options: LaunchOptions = {}): Interval {
  requirePositive(over, 'figures of a ratio');
  requirePositive(under, 'figures of a ratio');
  const { log } = intervalsOfLaunches(
    [over, under],
    ([a = Number.NaN, b = Number.NaN]) => ({ log: Math.log(a / b) }),
    options,
  );
  return { ...log, value: exp(log.value), low: exp(log.low), high: exp(log.high) };
}

/** The difference of the costs of two cells, in their unit. */
export const launchDifference = (from: Rounds, taken: Rounds, options: LaunchOptions = {}): Interval =>
  intervalsOfLaunches([from, taken], ([a = Number.NaN, b = Number.NaN]) => ({ difference: a - b }), options)
    .difference;

/** What varies: launches with one figure for each series, or, of a single launch, its rounds. */
function unitsOf(series: readonly Rounds[]): { units: number[][]; launches: number; rounds: number } {
  const [first] = series;
  if (first === undefined) throw new RangeError('no series');
  if (series.some(({ length }) => length !== first.length))
    throw new RangeError('series of different launches');
  const shared = first
    .map((_, launch) => launch)
    .filter((launch) => series.every((of) => of[launch]?.length));
  if (shared.length === 0) throw new RangeError('no figures');
  const fewest = Math.min(...series.map((of) => shared.reduce((sum, at) => sum + (of[at]?.length ?? 0), 0)));
  const units =
    shared.length > 1
      ? shared.map((launch) => series.map((of) => median(of[launch] as number[])))
      : Array.from({ length: fewest }, (_, round) =>
          series.map((of) => of[shared[0] as number]?.[round] as number),
        );
  return { units, launches: shared.length, rounds: fewest };
}

/** The mean of each series over the units, without one of them. */
function costsOf(units: readonly number[][], without: number | null): Float64Array {
  const count = units.length - (without === null ? 0 : 1);
  const costs = new Float64Array(units[0]?.length ?? 0);
  for (const [unit, figures] of units.entries()) {
    if (unit === without) continue;
    for (let i = 0; i < costs.length; i++) costs[i] = (costs[i] as number) + (figures[i] as number) / count;
  }
  return costs;
}

function jackknifeVariance(leftOut: readonly number[]): number {
  const count = leftOut.length;
  if (count < 2) return 0;
  const start = leftOut[0] as number;
  const deviations = leftOut.map((figure) => figure - start);
  const mean = deviations.reduce((sum, deviation) => sum + deviation, 0) / count;
  return ((count - 1) / count) * deviations.reduce((sum, deviation) => sum + (deviation - mean) ** 2, 0);
}

const STEP = 0.01;

/** What the statistic scatters if each cell does as is known beforehand; null where nothing is known of one. */
function varianceByPriors<Name extends string>(
  costs: Float64Array,
  statistic: (costs: Float64Array) => Readonly<Record<Name, number>>,
  names: readonly Name[],
  launches: number,
  priors: readonly (ScatterPrior | null)[],
): ((name: Name) => ScatterPrior) | null {
  const known = priors.filter((prior) => prior !== null);
  if (known.length !== costs.length) return null;
  const variances = new Map<Name, number>(names.map((name) => [name, 0]));
  for (const [at, { variance }] of known.entries()) {
    const moved = (by: number) => statistic(costs.map((cost, i) => (i === at ? cost * (1 + by) : cost)));
    const [up, down] = [moved(STEP), moved(-STEP)];
    for (const name of names) {
      const slope = (up[name] - down[name]) / (2 * STEP);
      variances.set(name, (variances.get(name) ?? 0) + (slope ** 2 * variance) / launches);
    }
  }
  const degrees = Math.min(...known.map((prior) => prior.degrees));
  return (name) => ({ variance: variances.get(name) ?? 0, degrees });
}

const NOTHING: ScatterPrior = { variance: 0, degrees: 0 };

function halfWidth(own: ScatterPrior, prior: ScatterPrior, level: number): number {
  const degrees = own.degrees + prior.degrees;
  if (degrees === 0) return 0;
  const variance = (own.degrees * own.variance + prior.degrees * prior.variance) / degrees;
  return studentHalfWidth(level, Math.max(1, Math.floor(degrees))) * Math.sqrt(variance);
}

/** Kept finite: results hold no infinity. */
const exp = (log: number): number => Math.min(Math.exp(log), Number.MAX_VALUE);
