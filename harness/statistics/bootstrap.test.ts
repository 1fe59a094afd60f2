import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  differenceInterval,
  type Interval,
  intervalsOfMedians,
  medianInterval,
  perRoundInterval,
  ratioInterval,
} from './bootstrap.js';
import { randomFrom } from './random.js';

const seed = 1;

function rounded({ value, low, high }: Interval): number[] {
  return [value, low, high].map((figure) => Math.round(figure * 1000) / 1000);
}

test('the value is the median over all rounds of all launches', () => {
  // 1 2 3 4 | 10 11 30: the middle of 7 is 4
  const interval = medianInterval([[3, 1, 10], [], [2, 30], [4, 11]], { seed });
  assert.equal(interval.value, 4);
  assert.equal(interval.n, 7);
  assert.equal(interval.launches, 3);
});

test('three launches of one round: t over the launches by hand', () => {
  // S2 = 4, half = 4.30265 * sqrt(4 / 3) = 4.968; the percentiles are 10 and 14: no asymmetry
  assert.deepEqual(rounded(medianInterval([[10], [12], [14]], { seed })), [12, 7.032, 16.968]);
});

test('three skewed launches: half of the asymmetry of the percentiles by hand', () => {
  // A resample's median is 10, 11 or 20 in 7, 13 and 7 of 27 cases: the percentiles are 10 and 20, 1 below
  // and 9 above the value, skew 8 / 10 / 2 = 0.4. S2 = 30.333, half = 4.30265 * sqrt(30.333 / 3) = 13.682.
  assert.deepEqual(rounded(medianInterval([[10], [11], [20]], { seed })), [11, 2.791, 30.154]);
});

test('the percentiles leave half of the rest on each side by hand', () => {
  // A resample's median lies at most at the 2nd of 7 figures in 10.8 % of cases (binomial, at least 4 of 7 at
  // 2/7), at most at the 1st in 1.0 %: at level 0.85, 7.5 % a side, the percentiles are 4 and 12. Skew (2 -
  // 6) / 8 / 2. S2 = 39.952, t[6] = 1.6502, half = 1.6502 * sqrt(39.952 / 7) = 3.942: low 10 - 1.25 half,
  // high 10 + 0.75 half.
  const figures = [[0], [4], [9], [10], [11], [12], [20]];
  assert.deepEqual(rounded(medianInterval(figures, { seed, level: 0.85 })), [10, 5.072, 12.957]);
});

test('symmetric figures have a symmetric interval', () => {
  // A selection that undid the one before it once gave the lower end too high a percentile.
  const figures = [Array.from({ length: 101 }, (_, i) => i)];
  for (let seed = 0; seed < 20; seed++) {
    const { value, low, high } = medianInterval(figures, { seed });
    assert.ok(Math.abs((high - value) / (value - low) - 1) < 0.15, `${low} ${value} ${high}`);
  }
});

test('one launch: t times the bootstrap error of its median by hand', () => {
  // A resample's median of 3 figures is the lowest, middle or highest in 7, 13 and 7 of 27 cases: its
  // variance is 14/27, and 4.30265 * sqrt(14 / 27) = 3.098; simulated, so within 5 %.
  const { value, low, high } = medianInterval([[9, 11, 10]], { seed, resamples: 20_000 });
  assert.equal(value, 10);
  assert.ok(Math.abs((high - low) / 2 - 3.098) < 0.155, `${low} ${high}`);
  assert.ok(Math.abs((high + low) / 2 - 10) < 0.1, `${low} ${high}`);
});

test('a figure alone is its own interval', () => {
  assert.deepEqual(medianInterval([[5]], { seed }), { value: 5, low: 5, high: 5, n: 1, launches: 1 });
});

test('equal figures have an interval of no width', () => {
  for (const figure of [0, 0.1, 1e-9, 12345.678]) {
    for (const launches of [1, 2, 3, 6]) {
      const rounds = Array.from({ length: launches }, () => new Array<number>(7).fill(figure));
      const { value, low, high } = medianInterval(rounds, { seed });
      assert.deepEqual([value, low, high], [figure, figure, figure]);
    }
  }
});

test('a seed gives the same interval, another seed nearly the same', () => {
  const random = randomFrom(9);
  const figures = Array.from({ length: 3 }, () => Array.from({ length: 6 }, () => 100 + random()));
  assert.deepEqual(medianInterval(figures, { seed: 4 }), medianInterval(figures, { seed: 4 }));
  const one = medianInterval(figures, { seed: 4 });
  const other = medianInterval(figures, { seed: 5 });
  assert.notDeepEqual(one, other);
  const width = one.high - one.low;
  assert.ok(Math.abs(other.low - one.low) < 0.1 * width && Math.abs(other.high - one.high) < 0.1 * width);
});

test('a higher level gives a wider interval', () => {
  const figures = [[10], [12], [14]];
  // t[2] at 0.975 is 6.20535: half = 6.20535 * sqrt(4 / 3) = 7.165
  assert.deepEqual(rounded(medianInterval(figures, { seed, level: 0.975 })), [12, 4.835, 19.165]);
});

test('the interval holds its value and is finite, whatever the figures', () => {
  const random = randomFrom(11);
  for (let i = 0; i < 300; i++) {
    const figures = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 5) }, () => Math.floor(random() * 4) - 1),
    );
    const { value, low, high } = medianInterval(figures, { seed: i, resamples: 100 });
    assert.ok(low <= value && value <= high && Number.isFinite(high - low), JSON.stringify(figures));
  }
});

test('the interval ends at the floor', () => {
  const figures = [[1], [2], [9]];
  assert.ok(medianInterval(figures, { seed }).low < 0);
  assert.equal(medianInterval(figures, { seed, floor: 0 }).low, 0);
  assert.equal(medianInterval(figures, { seed, floor: 5 }).low, 2);
});

test('the ratio is the median of the ratios of rounds, not the ratio of medians', () => {
  // ratios 2, 1/2, 4: the median is 2; the ratio of medians would be 8 / 4
  assert.equal(Math.round(ratioInterval([[2, 8, 400]], [[1, 16, 100]], { seed }).value * 1e9) / 1e9, 2);
  // one round a launch, ratios e^-1, 1, e: S2 = 1, half = 4.30265 / sqrt(3) = 2.48414; e^2.48414 = 11.991
  assert.deepEqual(
    rounded(ratioInterval([[1], [2], [3]], [[Math.E], [2], [3 / Math.E]], { seed })),
    [1, 0.083, 11.991],
  );
});

test('exchanging the series of a ratio gives the reciprocal interval', () => {
  const a = [
    [10, 12, 11],
    [14, 10, 9],
    [11, 11, 13],
  ];
  const b = [
    [5, 7, 6],
    [9, 5, 5],
    [6, 5, 6],
  ];
  const ratio = ratioInterval(a, b, { seed });
  const reciprocal = ratioInterval(b, a, { seed });
  assert.deepEqual(
    rounded(ratio),
    rounded({
      ...reciprocal,
      value: 1 / reciprocal.value,
      low: 1 / reciprocal.high,
      high: 1 / reciprocal.low,
    }),
  );
});

test('what a round does to both series cancels in their ratio and difference', () => {
  const a = [
    [100, 300, 150],
    [500, 110, 105],
  ];
  const half = a.map((rounds) => rounds.map((figure) => figure / 2));
  const ratio = ratioInterval(a, half, { seed });
  assert.ok(Math.abs(ratio.low - 2) < 1e-9 && Math.abs(ratio.high - 2) < 1e-9);
  const more = a.map((rounds) => rounds.map((figure) => figure + 7));
  const difference = differenceInterval(more, a, { seed });
  assert.deepEqual([difference.value, difference.low, difference.high], [7, 7, 7]);
});

test('the difference is a - b by rounds and may be negative', () => {
  // -1, -3, 1: the median is -1; by launches of one round S2 = 4
  assert.deepEqual(
    rounded(differenceInterval([[1], [2], [3]], [[2], [5], [2]], { seed })),
    [-1, -5.968, 3.968],
  );
});

test('any statistic of a round', () => {
  // (10 - 4) / 2 = 3, (20 - 10) / 2 = 5, (9 - 7) / 1 = 2: the median is 3
  const series = [[[10, 20, 9]], [[4, 10, 7]], [[2, 2, 1]]];
  const interval = perRoundInterval(series, ([a = 0, b = 0, n = 0]) => (a - b) / n, { seed });
  assert.equal(interval.value, 3);
});

test('statistics of medians are computed from joint resamples', () => {
  const random = randomFrom(12);
  const a = Array.from({ length: 3 }, () => Array.from({ length: 5 }, () => 100 + 50 * random()));
  const b = a.map((rounds) => rounds.map((figure) => figure - 30));
  const { gap, sum } = intervalsOfMedians([a, b], ([x = 0, y = 0]) => ({ gap: x - y, sum: x + y }), { seed });
  // Drawn apart, the medians of a and b would differ by 30 only on average.
  assert.ok(gap.high - gap.low < 1e-9 && Math.abs(gap.value - 30) < 1e-9);
  assert.ok(sum.high - sum.low > 10);
  assert.deepEqual([sum.n, sum.launches], [15, 3]);
});

test('a statistic of one median is the median', () => {
  const figures = [
    [3, 5, 9],
    [4, 4, 8],
  ];
  const { it } = intervalsOfMedians([figures], ([x = 0]) => ({ it: x }), { seed });
  assert.deepEqual(it, medianInterval(figures, { seed }));
});

test('what has no interval is refused', () => {
  assert.throws(() => medianInterval([], { seed }), /no figures/);
  assert.throws(() => medianInterval([[1, Number.NaN]], { seed }), /not finite/);
  assert.throws(() => ratioInterval([[1, 2]], [[1]], { seed }), /different shape.*\[2\] and \[1\]/);
  assert.throws(() => differenceInterval([[1], [2]], [[1, 2]], { seed }), /different shape/);
  assert.throws(() => ratioInterval([[0]], [[1]], { seed }), /greater than 0, not 0/);
  assert.throws(() => ratioInterval([[1]], [[-1]], { seed }), /greater than 0, not -1/);
  assert.throws(() => intervalsOfMedians([[[1]]], () => ({ bad: Number.NaN }), { seed }), /bad is NaN/);
});

test('options out of range are refused', () => {
  for (const level of [0, 1, 95, Number.NaN])
    assert.throws(() => medianInterval([[1]], { seed, level }), /level/);
  for (const resamples of [0, 99, 150.5]) {
    assert.throws(() => medianInterval([[1]], { seed, resamples }), /resamples/);
  }
  assert.throws(() => medianInterval([[1]], { seed: 0.5 }), /seed/);
});
