import assert from 'node:assert/strict';
import { test } from 'node:test';
import { studentHalfWidth } from './student.js';

/** Two-sided critical values as printed in every table. */
const table: readonly [level: number, degrees: number, width: number][] = [
  [0.95, 1, 12.706],
  [0.95, 2, 4.303],
  [0.95, 3, 3.182],
  [0.95, 4, 2.776],
  [0.95, 5, 2.571],
  [0.95, 9, 2.262],
  [0.95, 10, 2.228],
  [0.95, 30, 2.042],
  [0.99, 2, 9.925],
  [0.99, 7, 3.499],
  [0.9, 8, 1.86],
];

for (const [level, degrees, width] of table) {
  test(`t at ${level} with ${degrees} degrees of freedom is ${width}`, () => {
    assert.ok(
      Math.abs(studentHalfWidth(level, degrees) - width) < 0.0006,
      `${studentHalfWidth(level, degrees)}`,
    );
  });
}

test('many degrees of freedom are near the normal 1.960', () => {
  assert.equal(studentHalfWidth(0.95, 1e6), studentHalfWidth(0.95, 200));
  assert.ok(Math.abs(studentHalfWidth(0.95, 200) - 1.972) < 0.0006);
});
