import {
  medianAbsoluteDeviation as medianAbsoluteDeviationOf,
  median as medianOf,
  quantile as quantileOf,
} from 'simple-statistics';

/**
 * The middle figure, or the mean of the two middle ones.
 *
 * @throws RangeError without figures, or if one is not finite
 */
export function median(figures: readonly number[]): number {
  return medianOf(finite(figures));
}

/**
 * The median distance from the median, in the unit of the figures. It is not multiplied by 1.4826, which
 * would make it estimate the standard deviation of normal figures.
 *
 * @throws RangeError without figures, or if one is not finite
 */
export function medianAbsoluteDeviation(figures: readonly number[]): number {
  return medianAbsoluteDeviationOf(finite(figures));
}

/**
 * The figure that a `fraction` of the figures do not exceed, interpolated between neighbours (type 7 of
 * Hyndman and Fan 1996, as in R and NumPy). `fraction` lies in 0..1.
 *
 * @throws RangeError without figures, if one is not finite, or if the fraction lies outside 0..1
 */
export function quantile(figures: readonly number[], fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1))
    throw new RangeError(`a quantile's fraction lies in 0..1, not ${fraction}`);
  return quantileOf(finite(figures), fraction);
}

/**
 * The middle of the means of all pairs of figures, each with itself among them (Hodges and Lehmann, Estimates of Location Based on Rank
 * Tests, 1963). Of figures of which most scatter evenly and some lie far off it scatters less than their median or their mean.
 *
 * @throws RangeError without figures, or if one is not finite
 */
export const hodgesLehmann = (figures: readonly number[]): number =>
  median(figures.flatMap((one, at) => figures.slice(at).map((other) => (one + other) / 2)));

function finite(figures: readonly number[]): number[] {
  if (figures.length === 0) throw new RangeError('no figures');
  for (const figure of figures) {
    if (!Number.isFinite(figure)) throw new RangeError(`a figure is not finite: ${figure}`);
  }
  return figures as number[];
}
