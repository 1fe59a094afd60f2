import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeInterval, type LaunchPair, launchOrder, pairedChange } from './launch-pairs.js';
import { randomFrom, seedFrom } from './random.js';

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Pairs whose launches scatter by `ofLaunch`, their rounds by `ofRound`, and one pair in ten is much disturbed. */
function pairsOf(count: number, change: number, seed: number, ofLaunch = 0.06, ofRound = 0.02): LaunchPair[] {
  const random = randomFrom(seed);
  const launch = (shift: number) => {
    const own = shift + ofLaunch * normal(random) + (random() < 0.1 ? 0.5 * random() : 0);
    return [0, 1, 2].map(() => 300 * Math.exp(own + ofRound * normal(random)));
  };
  return Array.from({ length: count }, () => ({ reference: launch(0), current: launch(change) }));
}

test('a change is the median of the log ratios of pairs, and exchanging the versions turns its sign', () => {
  const pairs = [1, 2, 4].map((factor) => ({ reference: [100, 100, 100], current: [100 * factor] }));
  const change = pairedChange(pairs, 1);
  assert.equal(change.logRatio.toFixed(12), Math.log(2).toFixed(12));
  const turned = pairedChange(
    pairs.map(({ reference, current }) => ({ reference: current, current: reference })),
    1,
  );
  assert.equal(turned.logRatio.toFixed(12), (-Math.log(2)).toFixed(12));
});

test('the same seed gives the same interval, and equal launches an interval of no width', () => {
  const pairs = pairsOf(12, 0, 5);
  assert.deepEqual(pairedChange(pairs, 9), pairedChange(pairs, 9));
  const equal = pairedChange(Array(12).fill({ reference: [5, 5], current: [6, 6] }), 1);
  const { low, high } = changeInterval(equal, 0.999);
  assert.equal(low, high);
  assert.equal(Math.exp(low).toFixed(12), '1.200000000000');
});

test('simulated: an interval of 95 % covers the change in 93 to 99 of 100 cases, with 12 and with 30 pairs', () => {
  for (const count of [12, 30]) {
    let covered = 0;
    const cases = 400;
    for (let i = 0; i < cases; i++) {
      const { low, high } = changeInterval(
        pairedChange(pairsOf(count, 0.15, seedFrom(count, i)), i, 300),
        0.95,
      );
      if (low <= 0.15 && 0.15 <= high) covered++;
    }
    assert.ok(covered / cases > 0.93 && covered / cases < 0.995, `${count} pairs: ${covered / cases}`);
  }
});

test('simulated: the error is that of the estimate, also where all scatter is that of rounds', () => {
  for (const [ofLaunch, ofRound] of [
    [0, 0.05],
    [0.03, 0.03],
    [0.05, 0.01],
  ] as const) {
    const cases = Array.from({ length: 300 }, (_, i) => {
      const random = randomFrom(seedFrom(ofLaunch, ofRound, i));
      const launch = () => {
        const own = ofLaunch * normal(random);
        return Array.from({ length: 8 }, () => Math.exp(own + ofRound * normal(random)));
      };
      const pairs = Array.from({ length: 12 }, () => ({ reference: launch(), current: launch() }));
      return pairedChange(pairs, i, 200);
    });
    const meanSquare = (of: (change: (typeof cases)[number]) => number) =>
      cases.reduce((sum, change) => sum + of(change) ** 2, 0) / cases.length;
    const ratio = Math.sqrt(
      meanSquare(({ standardError }) => standardError) / meanSquare(({ logRatio }) => logRatio),
    );
    assert.ok(ratio > 0.85 && ratio < 1.2, `launches ${ofLaunch}, rounds ${ofRound}: ${ratio}`);
  }
});

test('launches come in pairs, and in every block of two pairs each version is once first', () => {
  const order = launchOrder(31, 3);
  assert.equal(order.length, 31);
  for (let at = 0; at + 1 < order.length; at += 2) {
    assert.notEqual(order[at]?.[0], order[at + 1]?.[0]);
    for (const pair of order.slice(at, at + 2)) assert.deepEqual([...pair].sort(), ['current', 'reference']);
  }
  assert.ok(new Set(order.filter((_, at) => at % 2 === 0).map(([first]) => first)).size === 2);
});

test('one pair, a launch without figures and a figure of 0 are refused', () => {
  assert.throws(() => pairedChange([{ reference: [1], current: [1] }], 1), RangeError);
  assert.throws(
    () =>
      pairedChange(
        [
          { reference: [], current: [1] },
          { reference: [1], current: [1] },
        ],
        1,
      ),
    RangeError,
  );
  assert.throws(() => pairedChange(Array(3).fill({ reference: [0], current: [1] }), 1), RangeError);
});
