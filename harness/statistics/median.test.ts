import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hodgesLehmann, median, medianAbsoluteDeviation, quantile } from './median.js';

test('the median is the middle figure or the mean of the two middle ones', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([9, 1, 5, 6]), 5.5);
  assert.equal(median([7]), 7);
});

test('the median absolute deviation is not scaled', () => {
  // the median is 4; distances 3, 2, 0, 1, 96: median 2
  assert.equal(medianAbsoluteDeviation([1, 2, 4, 5, 100]), 2);
});

test('a quantile is interpolated between neighbours', () => {
  // 0.9 of the way through 3 gaps is 2.7: 30 + 0.7 * (40 - 30)
  assert.equal(quantile([40, 10, 30, 20], 0.9), 37);
  assert.equal(quantile([40, 10, 30, 20], 0), 10);
  assert.equal(quantile([40, 10, 30, 20], 1), 40);
});

test('the estimator of Hodges and Lehmann is the middle of the means of all pairs', () => {
  // pairs of 1, 4, 10: 1, 2.5, 4, 5.5, 7, 10
  assert.equal(hodgesLehmann([10, 1, 4]), 4.75);
  assert.equal(hodgesLehmann([7]), 7);
  // one of ten is far off: the mean is 13.5
  assert.equal(hodgesLehmann([1, 2, 3, 4, 5, 6, 7, 8, 9, 90]), 5.5);
});

test('the figures stay as they were', () => {
  const figures = Object.freeze([3, 1, 2]);
  median(figures);
  medianAbsoluteDeviation(figures);
  quantile(figures, 0.5);
  hodgesLehmann(figures);
  assert.deepEqual(figures, [3, 1, 2]);
});

test('what has no answer is refused', () => {
  const half = (figures: number[]) => quantile(figures, 0.5);
  for (const statistic of [median, medianAbsoluteDeviation, hodgesLehmann, half]) {
    assert.throws(() => statistic([]), /no figures/);
    assert.throws(() => statistic([1, Number.NaN]), /not finite: NaN/);
  }
  assert.throws(() => quantile([1], 1.1), /lies in 0..1, not 1.1/);
  assert.throws(() => quantile([1], Number.NaN), RangeError);
});
