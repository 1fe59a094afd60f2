import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseFloorOf } from './noise-floor.js';
import { randomFrom } from './random.js';

const random = randomFrom(3);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const pairs = (count: number) => Array.from({ length: count }, () => 0.02 * normal());
const RUNS = 2000;

test('the noise floor of many pairs is that of few: it does not grow with their number', () => {
  for (const count of [2, 8, 40]) {
    const squares = Array.from({ length: RUNS }, () => Math.log(noiseFloorOf(pairs(count)).value) ** 2);
    const mean = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / RUNS);
    assert.ok(Math.abs(mean / 0.02 - 1) < 0.05, `${mean} of ${count} pairs`);
  }
});

test('its interval holds the planted floor as often as it says', () => {
  for (const count of [2, 8, 40]) {
    const covered = Array.from({ length: RUNS }, () => noiseFloorOf(pairs(count))).filter(
      ({ low, high }) => low <= Math.exp(0.02) && Math.exp(0.02) <= high,
    ).length;
    assert.ok(Math.abs(covered / RUNS - 0.95) < 0.02, `${covered / RUNS} of ${count} pairs`);
  }
});

test('identical pairs have a floor of 1; none, and what is no number, are refused', () => {
  assert.deepEqual(noiseFloorOf([0, 0]), { value: 1, low: 1, high: 1, pairs: 2 });
  assert.throws(() => noiseFloorOf([]), RangeError);
  assert.throws(() => noiseFloorOf([Number.NaN]), RangeError);
});
