import { quantile } from './median.js';

export interface Point {
  readonly x: number;
  /** greater than 0 */
  readonly y: number;
}

/** y = intercept + slope * x */
export interface LineFit {
  readonly intercept: number;
  readonly slope: number;
}

/** y = intercept + coefficient * x^exponent */
export interface PowerFit {
  readonly intercept: number;
  readonly coefficient: number;
  readonly exponent: number;
}

/** The exponents that a power fit looks at. */
export const EXPONENTS = { from: 0.1, to: 4 } as const;

const CANDIDATES = 32;
const TOLERANCE = 1e-6;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The line that minimises the sum of ((y - fitted) / y)^2: least squares with an intercept (the fixed cost)
 * and weights 1/y^2, so that each point counts by its relative error and the largest does not decide alone.
 *
 * @throws RangeError for fewer than 2 distinct x, an x that is not finite, or a y that is not greater than 0
 */
export function fitLine(points: readonly Point[]): LineFit {
  return lineFitter(points.map(({ x }) => x))(heights(points));
}

/**
 * The curve intercept + coefficient * x^exponent with the weights of `fitLine`. For each exponent the rest is
 * a line in x^exponent, so only the exponent is searched: 32 candidates in `EXPONENTS`, evenly spaced by
 * ratio, then a golden section beside the best (variable projection, Golub and Pereyra 1973). A fit at an end
 * of `EXPONENTS` means that the best exponent lies there or beyond. Where all y are equal the exponent is 1
 * and the coefficient 0.
 *
 * The coefficient is in y's unit per x^exponent: it moves by orders of magnitude with the exponent. Compare
 * curves by what they predict, not by their coefficients.
 *
 * @throws RangeError for fewer than 3 distinct x, a negative or infinite x, or a y that is not greater than 0
 */
export function fitPower(points: readonly Point[]): PowerFit {
  return powerFitter(points.map(({ x }) => x))(heights(points));
}

/**
 * Relative errors |predicted - y| / y, one for each point, in their order.
 *
 * @throws RangeError if a y is not greater than 0
 */
export function relativeErrors(points: readonly Point[], predict: (x: number) => number): number[] {
  const ys = heights(points);
  return points.map(({ x }, i) => Math.abs(predict(x) / (ys[i] as number) - 1));
}

/** The median of `relativeErrors`. @throws RangeError as `relativeErrors`, and without points */
export function medianRelativeError(points: readonly Point[], predict: (x: number) => number): number {
  return quantile(relativeErrors(points, predict), 0.5);
}

/**
 * `fitLine` for fixed x and many sets of y, which are greater than 0 and in the order of x.
 *
 * @throws RangeError as `fitLine`
 */
export function lineFitter(xs: readonly number[]): (ys: Float64Array) => LineFit {
  requireDistinct(xs, 2, 'a line');
  const abscissae = Float64Array.from(xs);
  return (ys) => {
    const { intercept, slope } = weightedLine(abscissae, ys);
    return { intercept, slope };
  };
}

/**
 * `fitPower` for fixed x and many sets of y, which are greater than 0 and in the order of x.
 *
 * @throws RangeError as `fitPower`
 */
export function powerFitter(xs: readonly number[]): (ys: Float64Array) => PowerFit {
  requireDistinct(xs, 3, 'a power');
  for (const x of xs) if (x < 0) throw new RangeError(`a power fit needs x of at least 0, not ${x}`);
  const scale = Math.max(...xs);
  const scaled = Float64Array.from(xs, (x) => x / scale);
  const raised = (exponent: number) => scaled.map((x) => x ** exponent);
  const step = (EXPONENTS.to / EXPONENTS.from) ** (1 / (CANDIDATES - 1));
  const exponents = Array.from({ length: CANDIDATES }, (_, i) => EXPONENTS.from * step ** i);
  const candidates = exponents.map(raised);
  const buffer = new Float64Array(xs.length);
  return (ys) => {
    if (ys.every((y) => y === ys[0])) return { intercept: ys[0] as number, coefficient: 0, exponent: 1 };
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < CANDIDATES; i++) {
      const { error } = weightedLine(candidates[i] as Float64Array, ys);
      if (error < least) [best, least] = [i, error];
    }
    const errorAt = (exponent: number) => {
      for (let i = 0; i < buffer.length; i++) buffer[i] = (scaled[i] as number) ** exponent;
      return weightedLine(buffer, ys).error;
    };
    const from = exponents[Math.max(0, best - 1)] as number;
    const to = exponents[Math.min(CANDIDATES - 1, best + 1)] as number;
    const exponent = goldenSection(errorAt, from, to);
    const { intercept, slope } = weightedLine(raised(exponent), ys);
    return { intercept, coefficient: slope / scale ** exponent, exponent };
  };
}

/** The line and its sum of squared relative errors, centred on the weighted means against cancellation. */
function weightedLine(xs: Float64Array, ys: Float64Array): LineFit & { error: number } {
  let weights = 0;
  let sumX = 0;
  let sumY = 0;
  for (let i = 0; i < xs.length; i++) {
    const y = ys[i] as number;
    const weight = 1 / (y * y);
    weights += weight;
    sumX += weight * (xs[i] as number);
    sumY += weight * y;
  }
  const meanX = sumX / weights;
  const meanY = sumY / weights;
  let products = 0;
  let squares = 0;
  let total = 0;
  for (let i = 0; i < xs.length; i++) {
    const y = ys[i] as number;
    const weight = 1 / (y * y);
    const dx = (xs[i] as number) - meanX;
    const dy = y - meanY;
    products += weight * dx * dy;
    squares += weight * dx * dx;
    total += weight * dy * dy;
  }
  const slope = products / squares;
  return { intercept: meanY - slope * meanX, slope, error: total - slope * products };
}

/** Where a function with one minimum in `from..to` is least (Kiefer 1953), to a relative `TOLERANCE`. */
function goldenSection(error: (at: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let errorLeft = error(left);
  let errorRight = error(right);
  while (high - low > TOLERANCE * low) {
    if (errorLeft <= errorRight) {
      high = right;
      right = left;
      errorRight = errorLeft;
      left = high - GOLDEN * (high - low);
      errorLeft = error(left);
    } else {
      low = left;
      left = right;
      errorLeft = errorRight;
      right = low + GOLDEN * (high - low);
      errorRight = error(right);
    }
  }
  return (low + high) / 2;
}

function heights(points: readonly Point[]): Float64Array {
  for (const { y } of points) {
    if (!(y > 0 && y < Infinity)) throw new RangeError(`a fit needs y greater than 0, not ${y}`);
  }
  return Float64Array.from(points, ({ y }) => y);
}

function requireDistinct(xs: readonly number[], least: number, what: string): void {
  for (const x of xs) if (!Number.isFinite(x)) throw new RangeError(`an x is not finite: ${x}`);
  const distinct = new Set(xs).size;
  if (distinct < least) {
    throw new RangeError(`${what} needs at least ${least} points of different x, not ${distinct}`);
  }
}
