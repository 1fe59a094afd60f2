import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Interval } from './bootstrap.js';
import { powerFitter } from './fits.js';
import {
  intervalsOfLaunches,
  intervalsOfPooledMedians,
  launchDifference,
  launchRatio,
} from './launch-intervals.js';
import { median } from './median.js';
import { randomFrom } from './random.js';
import type { Rounds } from './rounds.js';
import { type ScatterPrior, scatterPrior, variancesOfCells } from './scatter-prior.js';

type Draw = () => number;
const normalOf =
  (random: Draw): Draw =>
  () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** How far the launches of a cell scatter, in logarithms. */
type Scatter = (normal: Draw, random: Draw) => number;

/** As cells of a real run differ: scaled inverse chi-square, 4 degrees of freedom, 2.5 %. */
const varying: Scatter = (normal) => {
  const chi = Array.from({ length: 4 }, normal).reduce((sum, z) => sum + z * z, 0);
  return 0.025 * Math.sqrt(4 / chi);
};
const alike: Scatter = () => 0.025;
/** A tenth of the cells, where memory is collected, ten times as far. */
const mixed: Scatter = (_, random) => (random() < 0.1 ? 0.25 : 0.025);

interface Planted {
  readonly launches: number;
  readonly scatter: Scatter;
  /** Of batches within a launch, relative to that of launches. */
  readonly within: number;
  /** How many of three rounds are at full speed. */
  readonly share: number;
  /** What one launch in so many is slower by in every cell of a poller; 0: none. */
  readonly slowLaunch?: number;
}

const CELLS = 40;
const ROUNDS = 3;

/** Cells of cost 1, whose launches all move together by 3 % as well. */
function cellsOf({ launches, scatter, within, share, slowLaunch = 0 }: Planted, random: Draw): Rounds[] {
  const normal = normalOf(random);
  const common = Array.from({ length: launches }, () => 0.03 * normal());
  const slow = [0, 1].map(() =>
    Array.from({ length: launches }, () => (random() < 0.2 ? Math.log(1 + slowLaunch) : 0)),
  );
  return Array.from({ length: CELLS }, (_, cell) => {
    const between = scatter(normal, random);
    return common.map((moved, launch) => {
      const middle = moved + between * normal() + (slow[cell % 2]?.[launch] ?? 0);
      return Array.from({ length: ROUNDS }, () => random())
        .filter((drawn, round) => round === 0 || drawn < share)
        .map(() => Math.exp(middle + within * between * normal()));
    });
  });
}

function priorOf(cells: readonly Rounds[]): ScatterPrior | null {
  const logs = cells.map((launches) => launches.map((rounds) => Math.log(median(rounds as number[]))));
  return scatterPrior(variancesOfCells(logs).filter((variance) => variance !== null));
}

const RUNS = 200;

/** How often the interval of cells of one cost holds the truth, over all neighbouring pairs of cells of many runs. */
function coverage(
  planted: Planted,
  interval: (cells: Rounds[], prior: ScatterPrior | null) => Interval,
  truth: number,
) {
  const random = randomFrom(2026);
  let covered = 0;
  let made = 0;
  for (let run = 0; run < RUNS; run++) {
    const cells = cellsOf(planted, random);
    const prior = priorOf(cells);
    for (let at = 0; at + 3 < CELLS; at += 3) {
      const { low, high } = interval(cells.slice(at, at + 4), prior);
      if (low <= truth && truth <= high) covered++;
      made++;
    }
  }
  return covered / made;
}

const ratio = ([over = [], under = []]: Rounds[], prior: ScatterPrior | null): Interval =>
  launchRatio(over, under, { priors: [prior, prior] });

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

for (const launches of [2, 3, 5])
  for (const [name, scatter] of Object.entries({ varying, alike }))
    for (const within of [0.3, 1])
      test(`ratios of cells of ${launches} launches that scatter ${name}, rounds by ${within} of that, are covered`, (t) => {
        const covered = coverage({ launches, scatter, within, share: 0.6 }, ratio, 1);
        t.diagnostic(percent(covered));
        assert.ok(covered >= 0.93 && covered <= 0.98, percent(covered));
      });

test('ratios of two cells that share their windows are covered by their own launches, and as narrow as what differs within a window', (t) => {
  const random = randomFrom(7);
  const normal = normalOf(random);
  const [launches, pairs, own] = [5, 8, 0.01];
  let [covered, made] = [0, 0];
  const widths: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    for (let pair = 0; pair < pairs; pair++) {
      // As the windows of a server do: each finds it as the host left it.
      const windows = Array.from({ length: launches }, () => 0.2 * normal());
      const [over, under] = [0, 1].map(() => windows.map((moved) => [Math.exp(moved + own * normal())]));
      const { low, high } = launchRatio(over as number[][], under as number[][]);
      if (low <= 1 && 1 <= high) covered++;
      made++;
      widths.push(high - low);
    }
  }
  t.diagnostic(percent(covered / made));
  assert.ok(covered / made >= 0.93 && covered / made <= 0.97, percent(covered / made));
  assert.ok(median(widths) < 5 * own, `${median(widths)}`);
});

test('where a tenth of the cells scatter ten times as far, few degrees are borrowed and ratios are covered', (t) => {
  for (const launches of [2, 3, 5]) {
    const covered = coverage({ launches, scatter: mixed, within: 1, share: 0.6 }, ratio, 1);
    t.diagnostic(`${launches}: ${percent(covered)}`);
    assert.ok(covered >= 0.92 && covered <= 0.985, percent(covered));
  }
});

test('launches in which one poller is slow at every count are covered, though cells cannot tell of one another there', (t) => {
  for (const launches of [3, 5]) {
    const planted = { launches, scatter: varying, within: 0.5, share: 0.6, slowLaunch: 0.2 };
    const centre = Math.exp(0);
    const covered = coverage(planted, ratio, centre);
    t.diagnostic(`${launches}: ${percent(covered)}`);
    assert.ok(covered >= 0.85, percent(covered));
  }
});

test('at 97.5 % ratios are covered as often', () => {
  const at = ([over = [], under = []]: Rounds[], prior: ScatterPrior | null) =>
    launchRatio(over, under, { priors: [prior, prior], level: 0.975 });
  const covered = coverage({ launches: 3, scatter: varying, within: 1, share: 0.6 }, at, 1);
  assert.ok(covered >= 0.96 && covered <= 0.995, percent(covered));
});

test('differences, exponents and what else is computed from costs are covered', (t) => {
  const statistics = {
    difference: ([a = 0, b = 0]: Float64Array) => a - b,
    slopes: ([a = 0, b = 0, c = 0]: Float64Array) => (a - b) / (a + b + c),
  };
  for (const [name, statistic] of Object.entries(statistics)) {
    const interval = (cells: Rounds[], prior: ScatterPrior | null) =>
      intervalsOfLaunches(cells, (costs) => ({ it: statistic(costs) }), { priors: cells.map(() => prior) })
        .it;
    const covered = coverage({ launches: 3, scatter: varying, within: 1, share: 0.6 }, interval, 0);
    t.diagnostic(`${name}: ${percent(covered)}`);
    assert.ok(covered >= 0.93 && covered <= 0.985, `${name} ${percent(covered)}`);
  }
  const counts = [10, 100, 500, 1000];
  const fit = powerFitter(counts);
  const exponent = (cells: Rounds[], prior: ScatterPrior | null) => {
    const scaled = cells.map((launches, at) =>
      launches.map((rounds) => rounds.map((cost) => cost * (300 + 60 * (counts[at] as number)))),
    );
    return intervalsOfLaunches(scaled, (costs) => ({ it: fit(costs).exponent }), {
      priors: cells.map(() => prior),
    }).it;
  };
  const covered = coverage({ launches: 3, scatter: varying, within: 1, share: 0.6 }, exponent, 1);
  t.diagnostic(`exponent: ${percent(covered)}`);
  assert.ok(covered >= 0.92 && covered <= 0.985, percent(covered));
});

const PRIOR: ScatterPrior = { variance: 0.03 ** 2, degrees: 6 };

test('a prior bounds what two launches that differ by chance, or agree by chance, can say', () => {
  const apart = launchRatio([[100], [140]], [[100], [100]]);
  assert.ok(apart.high / apart.low > 30, `${apart.low} to ${apart.high}`);
  const bounded = launchRatio([[100], [104]], [[100], [100]], { priors: [PRIOR, PRIOR] });
  assert.ok(bounded.high / bounded.low < 1.2, `${bounded.low} to ${bounded.high}`);
  const agree = launchRatio([[100], [100]], [[50], [50]], { priors: [PRIOR, PRIOR] });
  assert.ok(agree.low < 1.95 && agree.high > 2.05);
  assert.equal(agree.value, 2);
  assert.deepEqual(launchRatio([[100], [100]], [[50], [50]]).low, 2);
});

test('exchanging the cells of a ratio gives the reciprocal interval', () => {
  const [a, b] = [
    [[3, 4], [5]],
    [[1], [2, 2.5]],
  ];
  const [there, back] = [launchRatio(a, b), launchRatio(b, a)];
  for (const [one, other] of [
    [there.value, back.value],
    [there.low, back.high],
    [there.high, back.low],
  ] as const)
    assert.ok(Math.abs(one * other - 1) < 1e-9);
});

test('what moves a whole launch cancels where cells are compared, whichever rounds each has there', () => {
  const { value, low, high, n, launches } = launchDifference(
    [[11, 11], [21], [31, 31, 31]],
    [[10], [20, 20], [30]],
  );
  assert.deepEqual({ value, low, high, n, launches }, { value: 1, low: 1, high: 1, n: 4, launches: 3 });
});

test('a launch that lacks one of the cells is left out; of a single launch its rounds tell, unless a prior does', () => {
  const left = launchRatio([[2], [], [2]], [[1], [1], [1]]);
  assert.equal(left.launches, 2);
  const rounds = launchRatio([[2, 2.2, 2.1]], [[1, 1, 1]]);
  assert.ok(rounds.low < 2.1 && rounds.low > 1.8);
  const known = launchRatio([[2, 2, 2]], [[1, 1, 1]], { priors: [PRIOR, PRIOR] });
  assert.ok(known.low < 1.85 && known.high > 2.15);
});

test('nothing to compare is refused', () => {
  assert.throws(() => launchRatio([[]], [[1]]), RangeError);
  assert.throws(() => launchRatio([[1]], [[1], [2]]), RangeError);
  assert.throws(() => launchRatio([[0]], [[1]]), RangeError);
  assert.throws(() => intervalsOfLaunches([], () => ({ it: 1 })), RangeError);
  assert.throws(() => intervalsOfLaunches([[[1], [2]]], () => ({ it: Number.NaN })), RangeError);
});

/** Windows of a latency: most alike, and of some another one ran meanwhile for several times as long. */
const latencies = (random: Draw, launches: number, times: number): Rounds =>
  Array.from({ length: launches }, () =>
    Array.from(
      { length: 4 },
      () => times * (random() < 0.3 ? 1000 : 250) * Math.exp(0.3 * normalOf(random)()),
    ),
  );

const logRatio = ([over = Number.NaN, under = Number.NaN]: Float64Array) => ({ log: Math.log(over / under) });

test('medians over all launches are covered, and nearer than the mean of the launches where a few figures lie far off', () => {
  const random = randomFrom(7);
  const runs = 400;
  let covered = 0;
  let narrower = 0;
  for (let run = 0; run < runs; run++) {
    const series = [latencies(random, 6, 1.5), latencies(random, 6, 1)];
    const { log } = intervalsOfPooledMedians(series, logRatio);
    const { log: byMeans } = intervalsOfLaunches(series, logRatio);
    if (log.low <= Math.log(1.5) && Math.log(1.5) <= log.high) covered++;
    if (log.high - log.low < byMeans.high - byMeans.low) narrower++;
    assert.deepEqual([log.n, log.launches], [24, 6]);
  }
  assert.ok(covered / runs > 0.92, `${covered} of ${runs}`);
  assert.ok(narrower / runs > 0.6, `${narrower} of ${runs}`);
});

test('medians of all figures: what is known beforehand counts, one launch and none at all are refused', () => {
  const series = [
    [[1, 2], [3]],
    [[1], [2, 3]],
  ];
  const { log } = intervalsOfPooledMedians(series, logRatio);
  assert.equal(log.value, 0);
  const priors = [0, 1].map((): ScatterPrior => ({ variance: 0.0001, degrees: 1000 }));
  const { log: known } = intervalsOfPooledMedians(series, logRatio, { priors });
  assert.ok(known.high - known.low < log.high - log.low);
  assert.throws(() => intervalsOfPooledMedians([[[1, 2]], [[1]]], logRatio), RangeError);
  assert.throws(() => intervalsOfPooledMedians([], logRatio), RangeError);
});
