import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeMilliseconds } from './timeout.js';

const LONGEST_MS = 2 ** 31 - 1;

const table: readonly [given: number | null, expected: number][] = [
  [null, -1],
  [0, 0],
  [-0, 0],
  [-1, 0],
  [-0.5, 0],
  [Number.NEGATIVE_INFINITY, 0],
  [Number.NaN, 0],
  [Number.MIN_VALUE, 1],
  [0.4, 1],
  [1, 1],
  [1.000001, 2],
  [50, 50],
  [LONGEST_MS - 0.5, LONGEST_MS],
  [LONGEST_MS, LONGEST_MS],
  [3e9, LONGEST_MS],
  [2 ** 32, LONGEST_MS],
  [Number.POSITIVE_INFINITY, LONGEST_MS],
];

for (const [given, expected] of table) {
  test(`a timeout of ${Object.is(given, -0) ? '-0' : given} ms is passed as ${expected}`, () => {
    assert.ok(Object.is(wholeMilliseconds(given), expected));
  });
}
