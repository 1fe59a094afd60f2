import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Interval, medianInterval, ratioInterval } from './bootstrap.js';
import { fitLineInterval, fitPowerInterval } from './fit-intervals.js';
import { randomFrom } from './random.js';
import type { Rounds } from './rounds.js';

/**
 * How often do intervals hold the truth? 400 simulated runs each, with fixed seeds: 95 % has a standard
 * deviation of 1.1 % then, hence the band. Misses are counted by side: lopsided intervals may cover well too.
 */
const RUNS = 400;
const TRUTH = 100;

type Noise = (random: () => number) => number;

const normal: Noise = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** median 0, skewed to the right as timings are */
const logNormal: Noise = (random) => (Math.exp(0.7 * normal(random)) - 1) / 0.7;

function simulated(
  random: () => number,
  { launches, rounds, between, noise }: Condition,
  middle = TRUTH,
): number[][] {
  return Array.from({ length: launches }, () => {
    const ofLaunch = middle + between * normal(random);
    return Array.from({ length: rounds }, () => ofLaunch + noise(random));
  });
}

interface Condition {
  launches: number;
  rounds: number;
  /** standard deviation of launches; that of rounds is about 1 */
  between: number;
  noise: Noise;
}

interface Coverage {
  covered: number;
  tooHigh: number;
  tooLow: number;
}

function coverage(
  truth: number,
  interval: (random: () => number, run: number) => Interval,
  runs = RUNS,
): Coverage {
  const random = randomFrom(2026);
  let tooHigh = 0;
  let tooLow = 0;
  for (let run = 0; run < runs; run++) {
    const { low, high } = interval(random, run);
    if (low > truth) tooHigh++;
    else if (high < truth) tooLow++;
  }
  return { covered: (runs - tooHigh - tooLow) / runs, tooHigh: tooHigh / runs, tooLow: tooLow / runs };
}

function assertCovers({ covered, tooHigh, tooLow }: Coverage, least = 0.92, most = 0.99): void {
  const found = `covered ${covered}, too high ${tooHigh}, too low ${tooLow}`;
  assert.ok(covered >= least && covered <= most, found);
  assert.ok(Math.max(tooHigh, tooLow) <= 0.06, found);
}

const conditions: readonly Condition[] = [
  { launches: 3, rounds: 4, between: 0, noise: normal },
  { launches: 3, rounds: 4, between: 0.3, noise: logNormal },
  { launches: 3, rounds: 4, between: 1, noise: normal },
  { launches: 3, rounds: 10, between: 1, noise: logNormal },
  { launches: 3, rounds: 4, between: 3, noise: normal },
  { launches: 3, rounds: 10, between: 3, noise: logNormal },
  { launches: 5, rounds: 3, between: 1, noise: normal },
  { launches: 6, rounds: 8, between: 3, noise: logNormal },
  { launches: 6, rounds: 8, between: 0, noise: normal },
  { launches: 3, rounds: 1, between: 1, noise: normal },
  { launches: 1, rounds: 5, between: 0, noise: normal },
  { launches: 1, rounds: 20, between: 0, noise: logNormal },
];

for (const condition of conditions) {
  const { launches, rounds, between } = condition;
  const noise = condition.noise === normal ? 'normal' : 'log-normal';
  test(`medians: ${launches} launches of ${rounds}, between ${between}, ${noise}`, () => {
    assertCovers(
      coverage(TRUTH, (random, seed) =>
        medianInterval(simulated(random, condition), { seed, resamples: 200 }),
      ),
    );
  });
}

test('medians at level 0.5 cover half', () => {
  const condition = { launches: 4, rounds: 5, between: 1, noise: normal };
  const { covered } = coverage(TRUTH, (random, seed) =>
    medianInterval(simulated(random, condition), { seed, resamples: 200, level: 0.5 }),
  );
  assert.ok(covered > 0.42 && covered < 0.6, `${covered}`);
});

test('the ratio of a series to itself is about 1', () => {
  const condition = { launches: 3, rounds: 5, between: 2, noise: logNormal };
  assertCovers(
    coverage(1, (random, seed) => {
      const ratio = ratioInterval(simulated(random, condition), simulated(random, condition), {
        seed,
        resamples: 200,
      });
      assert.ok(Math.abs(ratio.value - 1) < 0.15, `${ratio.value}`);
      return ratio;
    }),
  );
});

/** Cells of one run: launches and rounds disturb all cells together and each alone. */
function cells(
  random: () => number,
  xs: readonly number[],
  cost: (x: number) => number,
): { x: number; y: Rounds }[] {
  const y: number[][][] = xs.map(() => []);
  for (let launch = 0; launch < 3; launch++) {
    const together = 0.02 * normal(random);
    const alone = xs.map(() => 0.02 * normal(random));
    for (const ofCell of y) ofCell.push([]);
    for (let round = 0; round < 4; round++) {
      const disturbed = 0.01 * normal(random);
      xs.forEach((x, i) => {
        const scatter = together + (alone[i] as number) + disturbed + 0.02 * normal(random);
        y[i]?.[launch]?.push(cost(x) * Math.exp(scatter));
      });
    }
  }
  return xs.map((x, i) => ({ x, y: y[i] as number[][] }));
}

test('the terms of a fitted line', () => {
  const fits = (random: () => number, seed: number) =>
    fitLineInterval(
      cells(random, [10, 100, 300, 1000], (x) => 200 + 3 * x),
      { seed, resamples: 100 },
    );
  assertCovers(coverage(200, (random, seed) => fits(random, seed).intercept));
  assertCovers(coverage(3, (random, seed) => fits(random, seed).slope));
});

test('the terms of a fitted power', () => {
  const fits = (random: () => number, seed: number) =>
    fitPowerInterval(
      cells(random, [10, 50, 100, 300, 1000], (x) => 200 + 3 * x ** 0.8),
      { seed, resamples: 100 },
    );
  const all: ReturnType<typeof fits>[] = [];
  assertCovers(
    coverage(
      0.8,
      (random, seed) => {
        const terms = fits(random, seed);
        all.push(terms);
        return terms.exponent;
      },
      200,
    ),
    0.91,
    0.995,
  );
  assertCovers(
    coverage(200, (_, run) => (all[run] as ReturnType<typeof fits>).intercept, 200),
    0.91,
    0.995,
  );
  assertCovers(
    coverage(3, (_, run) => (all[run] as ReturnType<typeof fits>).coefficient, 200),
    0.91,
    0.995,
  );
});
