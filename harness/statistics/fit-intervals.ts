import { type Interval, type IntervalOptions, intervalsOfMedians } from './bootstrap.js';
import { EXPONENTS, lineFitter, powerFitter } from './fits.js';
import { type Rounds, requirePositive } from './rounds.js';

/** A cell of a fit: its figures come from the same launches and rounds as those of the other cells. */
export interface MeasuredPoint {
  readonly x: number;
  /** each greater than 0 */
  readonly y: Rounds;
}

/**
 * `fitLine` through the medians of the cells, with intervals in the units of y and of y per x. Launches and
 * rounds are resampled for all cells together and the medians of each resample are fitted; see `calibrated`
 * for the coverage.
 *
 * @throws RangeError as `fitLine` and `medianInterval`, and if the cells differ in launches or rounds
 */
export function fitLineInterval(
  points: readonly MeasuredPoint[],
  options: IntervalOptions,
): { intercept: Interval; slope: Interval } {
  const fit = lineFitter(points.map(({ x }) => x));
  return intervalsOfMedians(measured(points), fit as FitOf<'intercept' | 'slope'>, options);
}

/**
 * `fitPower` through the medians of the cells, with intervals; see `fitLineInterval`. The exponent's interval
 * ends at the ends of `EXPONENTS`.
 *
 * @throws RangeError as `fitPower` and `medianInterval`, and if the cells differ in launches or rounds
 */
export function fitPowerInterval(
  points: readonly MeasuredPoint[],
  options: IntervalOptions,
): { intercept: Interval; coefficient: Interval; exponent: Interval } {
  const fit = powerFitter(points.map(({ x }) => x));
  const terms = intervalsOfMedians(
    measured(points),
    fit as FitOf<'intercept' | 'coefficient' | 'exponent'>,
    options,
  );
  const { low, high } = terms.exponent;
  const exponent = {
    ...terms.exponent,
    low: Math.max(EXPONENTS.from, low),
    high: Math.min(EXPONENTS.to, high),
  };
  return { ...terms, exponent };
}

type FitOf<Name extends string> = (medians: Float64Array) => Readonly<Record<Name, number>>;

function measured(points: readonly MeasuredPoint[]): Rounds[] {
  for (const { x, y } of points) requirePositive(y, `figures of the fit at x = ${x}`);
  return points.map(({ y }) => y);
}
