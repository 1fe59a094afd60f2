import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Estimate } from './cost-model.js';
import { crossoverOf } from './crossover.js';
import type { Turn } from './terms.js';

/** Models whose cost is a planted line, with an interval of a given half width (a share). */
const planted = (costOf: (turn: Turn) => number, halfWidth = 0) => ({
  predict(turn: Turn): Estimate {
    const value = costOf(turn);
    return { value, low: value * (1 - halfWidth), high: value * (1 + halfWidth) };
  },
  shares: (turn: Turn) => new Map([['c0' as const, costOf(turn)]]),
});

const epollNs = ({ ready, churn }: Turn) => 400 + 120 * ready + 900 * churn;
const pollNs = ({ watched }: Turn) => 300 + 75 * watched;
const steady = { watched: 1000, churn: 0, timeout: 'zero' } as const;

test('the crossover lies where the two lines meet', () => {
  const found = crossoverOf(planted(epollNs), planted(pollNs), steady);
  assert.equal(found.kind, 'at');
  const exact = (300 + 75 * 1000 - 400) / 120 / 1000;
  assert.ok(found.kind === 'at' && Math.abs(found.share.value - exact) < 1e-3, JSON.stringify(found));
  assert.ok(found.kind === 'at' && found.share.low > 0.97 * exact && found.share.high < 1.03 * exact);
});

test('its interval is as wide as the two models are unsure, and lies within one fd and all', () => {
  const [sure, unsure] = [0.02, 0.5].map((width) =>
    crossoverOf(planted(epollNs, width), planted(pollNs, width), steady),
  );
  assert.ok(sure?.kind === 'at' && unsure?.kind === 'at');
  if (sure?.kind !== 'at' || unsure?.kind !== 'at') return;
  assert.ok(sure.share.low < sure.share.value && sure.share.value < sure.share.high);
  assert.ok(unsure.share.low < sure.share.low && unsure.share.high > sure.share.high);
  assert.equal(unsure.share.high, 1);
});

test('churn moves it towards fewer ready fds', () => {
  const shares = [0, 10].map((churn) => crossoverOf(planted(epollNs), planted(pollNs), { ...steady, churn }));
  const [without, within] = shares.map((found) => (found.kind === 'at' ? found.share.value : Number.NaN));
  assert.ok((within as number) < (without as number));
});

test('a poller that is dearer with one ready fd never wins; one that is cheaper with all ready always does', () => {
  const dear = planted((turn) => epollNs(turn) + 1e6);
  assert.equal(crossoverOf(dear, planted(pollNs), steady).kind, 'never');
  const cheap = planted(() => 1);
  assert.equal(crossoverOf(cheap, planted(pollNs), steady).kind, 'always');
});
