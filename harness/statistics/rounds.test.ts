import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perRound, requirePositive, requireSameShape } from './rounds.js';

test('series are combined round by round in their own shape', () => {
  const a = [[10, 20], [], [30]];
  const b = [[1, 2], [], [3]];
  const c = [[100, 200], [], [300]];
  assert.deepEqual(
    perRound([a, b, c], ([x = 0, y = 0, z = 0]) => x - y + z),
    [[109, 218], [], [327]],
  );
});

test('series of different shape are refused with both shapes', () => {
  assert.throws(
    () =>
      perRound(
        [
          [[1, 2], [3]],
          [
            [1, 2],
            [3, 4],
          ],
        ],
        () => 0,
      ),
    new RangeError('series of different shape: rounds by launch are [2, 1] and [2, 2]'),
  );
  assert.throws(() => requireSameShape([[[1]], [[1], [1]]]), /\[1\] and \[1, 1\]/);
  assert.throws(() => requireSameShape([]), /no series/);
});

test('zero, negative figures and NaN are not positive', () => {
  for (const figure of [0, -1, Number.NaN]) {
    assert.throws(() => requirePositive([[1], [2, figure]], 'costs'), /costs must be greater than 0/);
  }
  requirePositive([[1], [2]], 'costs');
});
