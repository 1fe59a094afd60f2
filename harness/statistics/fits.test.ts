import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXPONENTS, fitLine, fitPower, medianRelativeError, type Point, relativeErrors } from './fits.js';

function points(xs: readonly number[], cost: (x: number) => number): Point[] {
  return xs.map((x) => ({ x, y: cost(x) }));
}

function assertNear(actual: number, expected: number, relative: number): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not near ${expected}`,
  );
}

test('a line through points that lie on one', () => {
  const { intercept, slope } = fitLine(points([1, 10, 1000, 20_000], (x) => 200 + 0.064 * x));
  assertNear(intercept, 200, 1e-12);
  assertNear(slope, 0.064, 1e-12);
});

test('points weigh 1/y^2', () => {
  // x 0, 1, 2 and y 1, 1, 2: weights 1, 1, 1/4, sum 9/4
  // mean x (1 + 1/2) / (9/4) = 2/3, mean y (2 + 1/2) / (9/4) = 10/9
  // sum w dx dy = (-2/3)(-1/9) + (1/3)(-1/9) + (4/3)(8/9)/4 = 1/3; sum w dx^2 = 4/9 + 1/9 + 4/9 = 1
  // slope 1/3, intercept 10/9 - 2/9 = 8/9 (without weights: 1/2 and 5/6)
  const { intercept, slope } = fitLine([
    { x: 0, y: 1 },
    { x: 1, y: 1 },
    { x: 2, y: 2 },
  ]);
  assertNear(slope, 1 / 3, 1e-12);
  assertNear(intercept, 8 / 9, 1e-12);
});

for (const [c0, c1, exponent] of [
  [200, 3, 1],
  [200, 3, 0.8],
  [1000, 0.002, 2],
  [50, 40, 0.5],
  [5, 1e-6, 3.7],
  [100, 30, 0.15],
] as const) {
  test(`a power through points on ${c0} + ${c1} x^${exponent}`, () => {
    const fit = fitPower(points([1, 10, 50, 200, 1000], (x) => c0 + c1 * x ** exponent));
    assertNear(fit.exponent, exponent, 1e-4);
    assertNear(fit.intercept, c0, 1e-3);
    assertNear(fit.coefficient, c1, 2e-3);
  });
}

test('a power with x = 0 and with a falling curve', () => {
  const fit = fitPower(points([0, 1, 4, 9, 16], (x) => 100 - 5 * Math.sqrt(x)));
  assertNear(fit.exponent, 0.5, 1e-4);
  assertNear(fit.coefficient, -5, 1e-3);
});

test('an exponent beyond the bounds ends at the bound', () => {
  assertNear(fitPower(points([1, 2, 3, 4], (x) => 10 + x ** 6)).exponent, EXPONENTS.to, 1e-4);
  assertNear(fitPower(points([1, 10, 100, 1000], (x) => 10 + Math.log(x))).exponent, EXPONENTS.from, 1e-4);
});

test('equal y have a flat fit', () => {
  const flat = points([1, 10, 100], () => 7);
  assert.deepEqual(fitPower(flat), { intercept: 7, coefficient: 0, exponent: 1 });
  const { intercept, slope } = fitLine(flat);
  assertNear(intercept, 7, 1e-12);
  assert.ok(Math.abs(slope) < 1e-12);
});

test('a power fit in noise stays near what was planted', () => {
  const noise = [1.02, 0.98, 1.01, 0.99, 1.02, 0.98];
  const noisy = [10, 50, 100, 300, 1000, 3000].map((x, i) => ({
    x,
    y: (200 + 3 * x) * (noise[i] as number),
  }));
  const fit = fitPower(noisy);
  assert.ok(fit.exponent > 0.9 && fit.exponent < 1.1, `${fit.exponent}`);
});

test('relative errors by hand', () => {
  // predicted 110, 200, 240 for 100, 200, 300: 0.1, 0, 0.2
  const measured = [
    { x: 1, y: 100 },
    { x: 2, y: 200 },
    { x: 3, y: 300 },
  ];
  const predict = (x: number) => [110, 200, 240][x - 1] as number;
  assert.deepEqual(
    relativeErrors(measured, predict).map((error) => Math.round(error * 1e9) / 1e9),
    [0.1, 0, 0.2],
  );
  assertNear(medianRelativeError(measured, predict), 0.1, 1e-9);
});

test('too few different x, and what cannot be weighed or raised, is refused', () => {
  const same = points([5, 5, 5], (x) => x);
  assert.throws(() => fitLine(same), /a line needs at least 2 points of different x, not 1/);
  assert.throws(() => fitLine([]), /not 0/);
  assert.throws(
    () => fitPower(points([1, 2, 2], (x) => x)),
    /a power needs at least 3 points of different x, not 2/,
  );
  for (const y of [0, -1, Number.NaN, Infinity]) {
    assert.throws(() => fitLine(points([1, 2], () => y)), /y greater than 0/);
    assert.throws(() => fitPower(points([1, 2, 3], () => y)), /y greater than 0/);
  }
  assert.throws(() => fitLine(points([1, Number.NaN], () => 1)), /x is not finite/);
  assert.throws(() => fitPower(points([-1, 1, 2], () => 1)), /x of at least 0, not -1/);
  assert.throws(
    () =>
      relativeErrors(
        points([1], () => 0),
        () => 1,
      ),
    /y greater than 0/,
  );
});
