import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dot, fitRelative, middle, sharesTold, TooFewFigures } from './least-squares.js';
import { randomFrom } from './random.js';

const TRUTH = [300, 70, 2];

/** Rows [1, n, n mod 7] and what they cost, off by up to `noise` of it either way. */
function planted(noise: number, seed: number, count = 40) {
  const random = randomFrom(seed);
  const rows = Array.from({ length: count }, (_, index) => [1, 1.2 ** index, index % 7]);
  const ys = rows.map((row) => dot(row, TRUTH) * (1 + noise * (2 * random() - 1)));
  return { rows, ys };
}

test('planted coefficients come back exactly without noise', () => {
  const { rows, ys } = planted(0, 1);
  const { columns, coefficients } = fitRelative(rows, ys, 1);
  assert.deepEqual(columns, [0, 1, 2]);
  for (const [index, value] of coefficients.entries())
    assert.ok(Math.abs(value / (TRUTH[index] as number) - 1) < 1e-6);
});

test('the small figures count as much as the large ones', () => {
  const { rows, ys } = planted(0.02, 5);
  const { coefficients } = fitRelative(rows, ys, 1);
  assert.ok(Math.abs((coefficients[0] as number) / 300 - 1) < 0.05, String(coefficients));
});

test('intervals of resampled coefficients cover the truth about as often as they say', () => {
  const covered = [0, 0, 0];
  const TIMES = 100;
  for (let seed = 0; seed < TIMES; seed++) {
    const { rows, ys } = planted(0.05, seed);
    const { coefficients, resampled } = fitRelative(rows, ys, seed);
    for (const index of [0, 1, 2]) {
      const { low, high } = middle(
        resampled.map((draw) => draw[index] as number),
        coefficients[index] as number,
      );
      const truth = TRUTH[index] as number;
      if (low <= truth && truth <= high) covered[index] = (covered[index] as number) + 1;
    }
  }
  for (const count of covered) assert.ok(count >= 88, `covered ${covered} of ${TIMES}`);
});

test('a column that says nothing new is left out', () => {
  const { rows, ys } = planted(0.01, 2);
  const doubled = rows.map(([one = 0, n = 0, rest = 0]) => [one, n, 0, 3 * n + one, rest]);
  assert.deepEqual(fitRelative(doubled, ys, 1).columns, [0, 1, 4]);
});

test('too few figures are refused, and figures that are not greater than 0', () => {
  const { rows, ys } = planted(0, 3, 3);
  assert.throws(() => fitRelative(rows, ys, 1), TooFewFigures);
  assert.throws(() => fitRelative(rows, [0, ...ys.slice(1)], 1), RangeError);
});

test('a column is told by what all others do not explain of it, those before it and those behind', () => {
  const near = (told: number[], wanted: number[]) =>
    assert.ok(
      wanted.length === told.length &&
        wanted.every((share, index) => Math.abs(share - (told[index] as number)) < 1e-9),
      String(told),
    );
  near(sharesTold([[1], [1], [1]]), [1]);
  near(sharesTold([-1, 0, 1].map((n) => [1, n])), [1, 1]);
  near(sharesTold([0, 1, 2].map((n) => [1, n])), [Math.sqrt(2 / 5), Math.sqrt(2 / 5)]);
});

test('what the columns before it explain is not told, and neither is one that is 0', () => {
  assert.equal(sharesTold([1, 2, 3].map((n) => [n, 2 * n]))[1], 0);
  assert.deepEqual(sharesTold([[1, 0]]), [1, 0]);
  assert.deepEqual(sharesTold([]), []);
});
