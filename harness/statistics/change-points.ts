/** A stretch shorter than this is an odd run or two, not a step. */
const LEAST_LENGTH = 3;

/**
 * Where the mean of a series changes: the indices at which a new stretch begins. The series is cut so that the squared
 * deviations within stretches, in units of the noise, and a penalty for each cut are least together. That is found exactly
 * (optimal partitioning: Jackson et al., An algorithm for optimal partitioning of data on an interval, IEEE Signal Processing
 * Letters 12, 2005; the search that PELT prunes, which a series of some hundred runs does not need); the penalty is
 * Schwarz's (Yao, Estimating the number of change-points via Schwarz' criterion, 1988), three parameters' worth for a cut,
 * since its place is chosen as well (Zhang and Siegmund, Biometrics 63, 2007).
 *
 * The noise is what neighbours in the series differ by (Rice, Bandwidth choice for nonparametric regression, Annals of
 * Statistics 12, 1984): a step is in one of these differences only. The intervals of the runs say less, because a run
 * knows nothing of the next one's hour. Of 100 simulated series of 30 runs without a step 7 have one.
 */
export function changePoints(values: readonly number[]): number[] {
  const count = values.length;
  const noise = noiseOf(values);
  if (count < 2 * LEAST_LENGTH) return [];
  if (noise === 0) return values.flatMap((value, at) => (at > 0 && value !== values[at - 1] ? [at] : []));
  const penalty = 3 * Math.log(count);
  const cost = costOf(values, noise);
  // best[end]: the least cost of everything before `end`, and where its last stretch begins.
  const best = [{ cost: -penalty, from: 0 }];
  for (let end = 1; end <= count; end++) {
    let least = { cost: Number.POSITIVE_INFINITY, from: 0 };
    for (let from = 0; from <= end - LEAST_LENGTH; from++) {
      const total = (best[from]?.cost ?? Number.POSITIVE_INFINITY) + cost(from, end) + penalty;
      if (total < least.cost) least = { cost: total, from };
    }
    best.push(least);
  }
  const cuts: number[] = [];
  for (let end = count; end > 0; end = best[end]?.from ?? 0) cuts.unshift(best[end]?.from ?? 0);
  return cuts.filter((cut) => cut > 0);
}

/** Squared deviations from the mean of a stretch, in units of the noise. */
function costOf(values: readonly number[], noise: number): (from: number, end: number) => number {
  const start = values[0] ?? 0;
  const sums = [0];
  const squares = [0];
  for (const [at, value] of values.entries()) {
    const off = (value - start) / noise;
    sums.push((sums[at] as number) + off);
    squares.push((squares[at] as number) + off * off);
  }
  return (from, end) => {
    const sum = (sums[end] as number) - (sums[from] as number);
    return (squares[end] as number) - (squares[from] as number) - (sum * sum) / (end - from);
  };
}

function noiseOf(values: readonly number[]): number {
  const others = values.slice(1);
  const squares = others.map((value, at) => (value - (values[at] as number)) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, 2 * others.length));
}
