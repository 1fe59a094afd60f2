import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../harness/claims/judge.js';
import { claims } from '../../harness/claims/registry.js';
import { COURTS } from '../../harness/claims/testing/courts.js';
import { plantedEvidence } from '../../harness/claims/testing/planted-run.js';
import { judgedAnew } from '../../harness/claims/testing/real-run.js';
import { quantities, quantityInWords } from '../../harness/results/effect-factors.js';
import type { Claim, Effect } from '../../harness/results/run-schema.js';
import { NAME_OF_OURS } from '../testing/name-of-ours.js';
import { inSeries } from './effect-series.js';
import { effectInWords, tellApart } from './effect-words.js';

const ofRealRun = judgedAnew();
const ofCourts = claims.flatMap((claim) => {
  const court = COURTS[claim.id];
  return court ? [judge(claim, plantedEvidence(court.holds))] : [];
});

const twice = (words: readonly string[]) => words.filter((told, at) => words.indexOf(told) !== at);

test('every figure of a real run has words of its own, and none is a name that code has for it', () => {
  assert.ok(ofRealRun.flatMap(({ effects }) => effects).length > 100);
  for (const { id, effects, statement, finding, explanation } of ofRealRun) {
    for (const sentence of [statement, finding, explanation])
      assert.doesNotMatch(sentence ?? '', NAME_OF_OURS, id);
    for (const effect of effects) assert.doesNotMatch(effectInWords(effect), NAME_OF_OURS, effect.name);
    const words = tellApart(effects);
    for (const told of words) assert.doesNotMatch(told, NAME_OF_OURS, id);
    assert.deepEqual(twice(words), [], `${id} calls two figures the same`);
  }
});

test('the factors of figures tell them apart, without their names', () => {
  for (const { id, effects } of [...ofRealRun, ...ofCourts])
    assert.deepEqual(twice(effects.map(effectInWords)), [], id);
});

test('what figures are figures of has words, and all that has words is said of some figure', () => {
  const said = new Set(
    [...ofRealRun, ...ofCourts].flatMap(({ effects }) =>
      effects.flatMap(({ factors }) => factors.quantity ?? []),
    ),
  );
  for (const quantity of said) assert.ok(quantityInWords({ quantity }), String(quantity));
  assert.deepEqual(
    quantities.filter((quantity) => !said.has(quantity)),
    [],
  );
});

const withQuantity = (effect: Effect, quantity?: string): Effect => {
  const { quantity: _, ...factors } = effect.factors;
  return { ...effect, factors: quantity === undefined ? factors : { ...factors, quantity } };
};

test('figures of a run that does not say what they are of, or says what only a later release knows, have words nevertheless', () => {
  const told = (claim: Claim, quantity?: string) =>
    claim.effects.map((effect) => withQuantity(effect, quantity));
  for (const claim of ofRealRun)
    for (const effects of [told(claim), told(claim, 'angularMomentum')]) {
      const words = tellApart(effects);
      assert.deepEqual(twice(words), [], claim.id);
      for (const word of words) assert.doesNotMatch(word, NAME_OF_OURS, claim.id);
    }
});

test('quantities are told apart where all else is the same, and one that all have is left out where a table says it', () => {
  const effect = (name: string, quantity: string, idle = 0): Effect => ({
    ...{ name, value: 1, low: 1, high: 1, unit: 'us', n: 1, decides: false },
    factors: { experiment: 'server', poller: 'epoll', series: 'pollcost', idle, quantity },
  });
  const [median, p99] = [effect('a', 'latencyP50Us'), effect('b', 'latencyP99Us')];
  assert.deepEqual(tellApart([median, p99]), ['epoll, the median answer', 'epoll, 99 of 100 answers']);
  const both = [p99, effect('c', 'latencyP99Us', 100)];
  const connections = ['0\u00a0idle connections', '100\u00a0idle connections'];
  assert.deepEqual(
    tellApart(both),
    connections.map((words) => `epoll, 99 of 100 answers: ${words}`),
  );
  assert.deepEqual(tellApart(both, []), connections);
});

test('figures of several quantities over the same counts are a series each', () => {
  const effects = [1, 10, 100, 1000, 2000].flatMap((watched) =>
    ['scanNsPerTurn', 'cpuNsPerTurn', 'cpuNsPerCycle'].map(
      (quantity): Effect => ({
        ...{ name: `${quantity}${watched}`, value: 1, low: 1, high: 1, unit: 'ratio', n: 1, decides: true },
        factors: { poller: 'epoll', overPoller: 'poll', watched, quantity },
      }),
    ),
  );
  assert.deepEqual(
    inSeries(effects).series.map(({ factors, effects: { length } }) => [factors.quantity, length]),
    [
      ['scanNsPerTurn', 5],
      ['cpuNsPerTurn', 5],
      ['cpuNsPerCycle', 5],
    ],
  );
});
