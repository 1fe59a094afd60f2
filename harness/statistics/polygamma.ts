/** The first two derivatives of the logarithm of the gamma function, for arguments above 0. */

const LARGE = 6;

/** By recurrence up to where the asymptotic series has 10 digits (Abramowitz and Stegun 6.3.5, 6.3.18). */
export function digamma(x: number): number {
  let result = 0;
  let at = x;
  for (; at < LARGE; at++) result -= 1 / at;
  const square = 1 / (at * at);
  return result + Math.log(at) - 0.5 / at - square * (1 / 12 - square * (1 / 120 - square / 252));
}

/** As `digamma` (Abramowitz and Stegun 6.4.6, 6.4.12). */
export function trigamma(x: number): number {
  let result = 0;
  let at = x;
  for (; at < LARGE; at++) result += 1 / (at * at);
  const square = 1 / (at * at);
  return result + 1 / at + square / 2 + (square / at) * (1 / 6 - square * (1 / 30 - square / 42));
}

/** Where `trigamma`, which falls, has this value; by bisection. */
export function trigammaInverse(value: number): number {
  let low = 1e-4;
  let high = 1e8;
  for (let i = 0; i < 100; i++) {
    const middle = Math.sqrt(low * high);
    if (trigamma(middle) > value) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}
