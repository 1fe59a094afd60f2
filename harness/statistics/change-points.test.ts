import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changePoints } from './change-points.js';
import { randomFrom, seedFrom } from './random.js';

const series = (means: readonly number[], seed: number, scatter = 0.03) => {
  const random = randomFrom(seedFrom(seed));
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return means.map((mean) => mean + scatter * normal());
};
const flat = (length: number, value: number) => Array<number>(length).fill(value);

test('a step of five times the noise is found where it is, and both of two', () => {
  assert.deepEqual(changePoints(series([...flat(12, 1), ...flat(10, 1.15)], 1)), [12]);
  assert.deepEqual(changePoints(series([...flat(10, 1), ...flat(10, 1.2), ...flat(10, 1.05)], 2)), [10, 20]);
});

test('one odd run is no step', () => {
  const points = series(flat(20, 1), 3);
  assert.deepEqual(changePoints(points), []);
  points[9] = 2;
  assert.deepEqual(changePoints(points), []);
});

test('simulated: a series without a step has one in fewer than 10 of 100 cases', () => {
  let found = 0;
  for (let seed = 0; seed < 100; seed++) if (changePoints(series(flat(30, 1), seed)).length > 0) found++;
  assert.ok(found < 10, `${found} of 100`);
});

test('too few points, and points that are all the same, have no step; exact ones step where they differ', () => {
  assert.deepEqual(changePoints([]), []);
  assert.deepEqual(changePoints(series([1, 9, 1], 1)), []);
  assert.deepEqual(changePoints(flat(9, 3)), []);
  assert.deepEqual(changePoints([3, 3, 3, 3, 3, 4, 4, 4]), [5]);
});
