import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundaryWhere, type Step } from './boundary.js';

const step = (at: number, value: number, spread = 0.05): Step => ({
  at,
  value,
  low: value - spread,
  high: value + spread,
});
const find = (...steps: Step[]) => {
  const { low, value, high } = boundaryWhere('b', steps, 1, {});
  return [low, value, high];
};

test('a boundary lies between the last count surely below the limit and the first surely above', () => {
  assert.deepEqual(find(step(2, 0.5), step(4, 0.8), step(8, 1.2), step(16, 2)), [4, 6, 8]);
});

test('what straddles the limit widens the boundary', () => {
  assert.deepEqual(find(step(2, 0.5), step(4, 0.98), step(8, 1.02), step(16, 2)), [2, 6, 16]);
});

test('a limit that is never reached has its boundary at the largest count', () => {
  assert.deepEqual(find(step(2, 0.5), step(4, 0.6)), [4, 4, 4]);
});

test('a limit that is exceeded from the start has its boundary at none', () => {
  assert.deepEqual(find(step(2, 1.5), step(4, 1.6)), [0, 0, 2]);
});

test('a dip behind the limit moves the boundary no further', () => {
  assert.deepEqual(find(step(2, 0.5), step(4, 1.5), step(8, 0.5)), [2, 3, 4]);
});
