import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitLineInterval, fitPowerInterval } from './fit-intervals.js';
import { EXPONENTS } from './fits.js';
import { randomFrom } from './random.js';

const seed = 1;

test('cells that never vary have terms without width', () => {
  const exact = [10, 100, 1000].map((x) => ({ x, y: [[200 + 3 * x], [200 + 3 * x, 200 + 3 * x]] }));
  const { intercept, slope } = fitLineInterval(exact, { seed });
  assert.ok(Math.abs(intercept.value - 200) < 1e-9 && Math.abs(slope.value - 3) < 1e-12);
  assert.deepEqual([intercept.low, intercept.high], [intercept.value, intercept.value]);
  assert.deepEqual([slope.n, slope.launches], [3, 2]);
});

test('three launches of one round: t over the launches by hand', () => {
  // Lines through (0, c) and (1, c + 10) for c of 10, 12, 14: the intercept's S2 is 4, half = 4.968; the
  // slope is exact.
  const { intercept, slope } = fitLineInterval(
    [
      { x: 0, y: [[10], [12], [14]] },
      { x: 1, y: [[20], [22], [24]] },
    ],
    { seed },
  );
  assert.ok(Math.abs(intercept.value - 12) < 1e-9 && Math.abs(intercept.low - 7.032) < 0.001);
  assert.ok(Math.abs(intercept.high - 16.968) < 0.001);
  assert.ok(Math.abs(slope.low - 10) < 1e-9 && Math.abs(slope.high - 10) < 1e-9);
});

test('an exponent that cells of pure noise leave open spans its bounds at most', () => {
  const random = randomFrom(3);
  const noise = [1, 10, 100, 1000].map((x) => ({
    x,
    y: Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => 100 + random())),
  }));
  const { exponent, intercept, coefficient } = fitPowerInterval(noise, { seed, resamples: 200 });
  assert.ok(exponent.low >= EXPONENTS.from && exponent.high <= EXPONENTS.to);
  assert.ok(exponent.high - exponent.low > 1, 'noise has no exponent');
  for (const { value, low, high } of [exponent, intercept, coefficient]) {
    assert.ok(low <= value && value <= high && Number.isFinite(high - low));
  }
});

test('the same seed gives the same terms', () => {
  const random = randomFrom(4);
  const cells = [1, 10, 100].map((x) => ({ x, y: [[x + random(), x + random()], [x + random()]] }));
  assert.deepEqual(fitPowerInterval(cells, { seed }), fitPowerInterval(cells, { seed }));
});

test('cells of different rounds, too few cells and costs of zero are refused', () => {
  const a = { x: 1, y: [[1, 2]] };
  assert.throws(() => fitLineInterval([a, { x: 2, y: [[1]] }], { seed }), /different shape/);
  assert.throws(() => fitLineInterval([a, a], { seed }), /at least 2 points/);
  assert.throws(() => fitPowerInterval([a, { x: 2, y: [[1, 2]] }], { seed }), /at least 3 points/);
  assert.throws(
    () => fitLineInterval([a, { x: 2, y: [[1, 0]] }], { seed }),
    /at x = 2 must be greater than 0, not 0/,
  );
});
