const ENDLESS = 200;
const known = new Map<string, number>();

/**
 * How many standard errors to each side hold `level` of Student's t distribution: `studentHalfWidth(0.95, 2)`
 * is 4.303.
 *
 * By bisection over Abramowitz and Stegun 26.7.3 and 26.7.4, which are exact for whole degrees of freedom.
 * More than 200 degrees count as 200 (1.972 instead of 1.960 at 0.95).
 *
 * @param level within 0..1, exclusive
 * @param degrees degrees of freedom, a whole number of at least 1
 */
export function studentHalfWidth(level: number, degrees: number): number {
  const counted = Math.min(degrees, ENDLESS);
  const key = `${level}/${counted}`;
  const width = known.get(key) ?? search(level, counted);
  known.set(key, width);
  return width;
}

function search(level: number, degrees: number): number {
  let low = 0;
  let high = Math.PI / 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (probability(middle, degrees) < level) low = middle;
    else high = middle;
  }
  return Math.tan((low + high) / 2) * Math.sqrt(degrees);
}

/** The probability of at most tan(angle) * sqrt(degrees) to either side. */
function probability(angle: number, degrees: number): number {
  const odd = degrees % 2 === 1;
  const cosine = Math.cos(angle);
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
