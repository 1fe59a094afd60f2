/**
 * How far two identical things measure apart, from several pairs of them: the root mean square of their log ratios, as a factor of
 * at least 1. It expects the same of few pairs and of many, as the largest of them does not.
 */
export interface NoiseFloor {
  readonly value: number;
  /** What 95 % of as many pairs with this floor would show. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

const NORMAL_95 = 1.96;

/** @throws RangeError without pairs, or for a log ratio that is not finite */
export function noiseFloorOf(logRatios: readonly number[]): NoiseFloor {
  if (logRatios.length === 0) throw new RangeError('no pairs');
  for (const ratio of logRatios)
    if (!Number.isFinite(ratio)) throw new RangeError(`a log ratio is not finite: ${ratio}`);
  const pairs = logRatios.length;
  const meanSquare = logRatios.reduce((sum, ratio) => sum + ratio ** 2, 0) / pairs;
  const factor = (share: number) => Math.exp(Math.sqrt(meanSquare / share));
  return {
    value: factor(1),
    low: factor(chiSquareShare(pairs, NORMAL_95)),
    high: factor(chiSquareShare(pairs, -NORMAL_95)),
    pairs,
  };
}

/** A quantile of chi-square over its degrees of freedom (Wilson and Hilferty 1931), kept above 0. */
function chiSquareShare(degrees: number, normal: number): number {
  const spread = 2 / (9 * degrees);
  return Math.max(0.1, 1 - spread + normal * Math.sqrt(spread)) ** 3;
}
