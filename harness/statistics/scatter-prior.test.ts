import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digamma, trigamma, trigammaInverse } from './polygamma.js';
import { randomFrom } from './random.js';
import { type EstimatedVariance, scatterPrior, variancesOfCells } from './scatter-prior.js';

const near = (value: number, expected: number, by: number) =>
  assert.ok(Math.abs(value / expected - 1) <= by, `${value} instead of ${expected}`);

test('the derivatives of the log gamma function are those of the tables', () => {
  // Abramowitz and Stegun, table 6.1: -gamma, 1 - gamma, and pi^2 / 6, pi^2 / 2.
  near(digamma(1), -0.5772156649, 1e-8);
  near(digamma(2), 0.4227843351, 1e-8);
  near(trigamma(1), Math.PI ** 2 / 6, 1e-8);
  near(trigamma(0.5), Math.PI ** 2 / 2, 1e-8);
  for (const x of [0.3, 1, 4, 60]) near(trigammaInverse(trigamma(x)), x, 1e-6);
});

const random = randomFrom(11);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const chiSquare = (degrees: number) =>
  Array.from({ length: degrees }, normal).reduce((sum, z) => sum + z * z, 0);

const drawn = (count: number, degrees: number, trueVariance: () => number): EstimatedVariance[] =>
  Array.from({ length: count }, () => ({
    variance: (trueVariance() * chiSquare(degrees)) / degrees,
    degrees,
  }));

test('a planted distribution of variances is found, its scale and what it is worth', () => {
  const prior = scatterPrior(drawn(3000, 2, () => (9 * 5) / chiSquare(5)));
  assert.ok(prior);
  near(prior.variance, 9, 0.1);
  near(prior.degrees, 5, 0.2);
});

test('variances that differ by chance alone are one, which is worth many degrees', () => {
  const prior = scatterPrior(drawn(300, 4, () => 4));
  assert.ok(prior && prior.degrees > 20, `${prior?.degrees}`);
  near(prior.variance, 4, 0.15);
});

test('variances that differ widely are worth few degrees', () => {
  const prior = scatterPrior(drawn(500, 2, () => (random() < 0.2 ? 100 : 1)));
  assert.ok(prior && prior.degrees < 3, `${prior?.degrees}`);
});

test('too few variances, or none above 0, know nothing', () => {
  assert.equal(scatterPrior(drawn(5, 2, () => 1)), null);
  assert.equal(scatterPrior(Array.from({ length: 20 }, () => ({ variance: 0, degrees: 2 }))), null);
});

test('what moves all cells of a launch together is no scatter of a cell', () => {
  const cells = Array.from({ length: 200 }, (_, cell) =>
    [0, 0.5, -0.3, 0.1].map((launch) => cell + launch + 0.02 * normal()),
  );
  const variances = variancesOfCells(cells).map((estimated) => estimated?.variance ?? 0);
  const mean = variances.reduce((sum, variance) => sum + variance, 0) / variances.length;
  near(mean, 0.02 ** 2, 0.15);
});

test('launches that a cell was not measured in count for nothing; one launch has no scatter', () => {
  const cells = [
    [1, null, 1.1],
    [2, 2, 2.1],
    [3, 3, 3.1],
    [null, 5, null],
  ];
  const [first, , , last] = variancesOfCells(cells);
  assert.ok(first && first.variance < 1e-12);
  assert.equal(last, null);
});
