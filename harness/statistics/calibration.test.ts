import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrated, type Scatter } from './calibration.js';

const symmetric = { value: 12, low: 11, high: 13 };

function ends(scatter: Omit<Scatter, 'ofLaunches'> & { ofLaunches: number[] }, rounds: number[]): number[] {
  const { low, high } = calibrated(
    { ...scatter, ofLaunches: Float64Array.from(scatter.ofLaunches) },
    Int32Array.from(rounds),
    0.95,
  );
  return [low, high].map((end) => Math.round(end * 1000) / 1000);
}

test('the half width is t over the launches', () => {
  // S2 = (4 + 0 + 4) / 2 = 4; 4.30265 * sqrt(4 / 3) = 4.968
  assert.deepEqual(
    ends({ ...symmetric, ofLaunches: [10, 12, 14], roundVariance: 0 }, [5, 5, 5]),
    [7.032, 16.968],
  );
});

test('a launch with more rounds weighs more', () => {
  // shares 0.6, 0.2, 0.2: sum of squares 0.44; 4.30265 * sqrt(4 * 0.44) = 5.708
  assert.deepEqual(
    ends({ ...symmetric, ofLaunches: [10, 12, 14], roundVariance: 0 }, [6, 2, 2]),
    [6.292, 17.708],
  );
});

test('launches that agree keep 0.7 of the interval by rounds alone', () => {
  // V' = 0.7 / (1 - 2/3 * 3/12) = 0.84; t[9] = 2.26216; 0.7 * 2.26216 * sqrt(0.84) = 1.451
  assert.deepEqual(
    ends({ ...symmetric, ofLaunches: [12, 12, 12], roundVariance: 0.7 }, [4, 4, 4]),
    [10.549, 13.451],
  );
});

test('one launch has an interval by rounds alone', () => {
  // t[4] = 2.77645; times sqrt(0.25) = 1.388
  assert.deepEqual(ends({ ...symmetric, ofLaunches: [12], roundVariance: 0.25 }, [5]), [10.612, 13.388]);
});

test('half of the asymmetry of the percentiles is kept', () => {
  // half 4.968 as above; 1 below and 3 above: 2 / 4 / 2 = 0.25: 0.75 and 1.25 halves are 3.726 and 6.210
  assert.deepEqual(
    ends({ value: 12, low: 11, high: 15, ofLaunches: [10, 12, 14], roundVariance: 0 }, [5, 5, 5]),
    [8.274, 18.21],
  );
});

test('percentiles at or beyond the value leave the interval around it', () => {
  assert.deepEqual(
    ends({ value: 12, low: 12, high: 12, ofLaunches: [10, 12, 14], roundVariance: 0 }, [5, 5, 5]),
    [7.032, 16.968],
  );
  // all above: 0.5 and 1.5 halves
  assert.deepEqual(
    ends({ value: 12, low: 12.5, high: 13, ofLaunches: [10, 12, 14], roundVariance: 0 }, [5, 5, 5]),
    [9.516, 19.452],
  );
});
