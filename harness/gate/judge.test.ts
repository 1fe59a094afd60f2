import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demandsOf } from './config.js';
import type { MetricResult } from './gate-schema.js';
import { judge } from './judge.js';
import { outcomeOf } from './outcome.js';
import { type Planted, plantedPairs } from './testing/planted-figures.js';

const EPOLL = 'watched-fds/epoll/cpuNsPerTurn(watched=1000,ready=0,position=none,timeout=zero)';
const judged = (reference: Planted, current: Planted, count = 12, seed = 1): Map<string, MetricResult> =>
  new Map(
    judge(plantedPairs(count, seed, reference, current), demandsOf({}), seed).map((one) => [one.id, one]),
  );
const outcome = (results: ReadonlyMap<string, MetricResult>) => outcomeOf([...results.values()]);

test('two versions that are the same pass, and every gated metric says ok', () => {
  const results = judged({}, {});
  assert.equal(outcome(results), 'passed');
  assert.equal(results.get(EPOLL)?.verdict, 'ok');
  assert.equal(results.get(EPOLL)?.speed, 'full');
});

test('a poller that got 25 % slower is a regression, with its interval above the margin', () => {
  const results = judged({}, { epoll: 1.25 });
  assert.equal(outcome(results), 'regression');
  const change = results.get(EPOLL)?.change;
  assert.ok(change && change.low > 1.1 && change.low < 1.25 && change.high > 1.25, JSON.stringify(change));
});

test('one that got faster is an improvement and passes', () => {
  const results = judged({}, { epoll: 0.7 });
  assert.equal(results.get(EPOLL)?.verdict, 'improvement');
  assert.notEqual(outcome(results), 'regression');
});

test('where launches scatter so much that nothing is sure it is inconclusive, no false alarm', () => {
  const results = judged({ scatter: 0.5 }, { scatter: 0.5 });
  assert.equal(outcome(results), 'inconclusive');
});

test('what a neighbour does to half of the samples is told apart by the sentinel, and said where there is none', () => {
  const told = judged({ disturbed: 0.5 }, { disturbed: 0.5, epoll: 1.25 }, 30);
  assert.equal(told.get(EPOLL)?.speed, 'full');
  assert.equal(told.get(EPOLL)?.verdict, 'regression');
  const blind = judged({ disturbed: 0.5, sentinel: false }, { disturbed: 0.5, sentinel: false }, 30);
  assert.equal(blind.get(EPOLL)?.speed, 'all');
  assert.notEqual(outcome(blind), 'regression');
});

test('one more fd looked at is a regression however noisy the machine is', () => {
  const results = judged({ scatter: 0.5 }, { scatter: 0.5, fdsExamined: 2 }, 2);
  const examined = [...results.values()].filter(
    ({ id, verdict }) => id.includes('epoll/fdsExamined') && verdict === 'regression',
  );
  assert.equal(examined.length, 2);
  assert.equal(outcome(results), 'regression');
});

test('epoll did not get slower because poll got faster', () => {
  const ratio = [...judged({}, { poll: 0.6 }).values()].find(
    ({ id }) => id.includes('watched=1000') && id.includes('epoll/overPoll'),
  );
  assert.ok(ratio?.change && ratio.change.low > 1.1);
  assert.equal(ratio.verdict, 'ok');
  assert.match(ratio.note ?? '', /the one it is held against got faster/);
});

test('a metric of level warn or off fails nothing, and one that nobody measured is no pass', () => {
  const results = judge(plantedPairs(12, 1, {}, { epoll: 2 }), () => ({ level: 'warn', margin: 0.1 }), 1);
  assert.equal(outcomeOf(results), 'nothing-measured');
  assert.equal(outcomeOf([]), 'nothing-measured');
});

test('simulated: of 40 gates of the same version none is red, and of 20 that got 15 % slower at least 19 are', () => {
  let [falseAlarms, caught] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    if (outcome(judged({ disturbed: 0.3 }, { disturbed: 0.3 }, 12, seed)) === 'regression') falseAlarms++;
    if (seed < 20 && outcome(judged({}, { epoll: 1.15 }, 30, seed)) === 'regression') caught++;
  }
  assert.equal(falseAlarms, 0);
  assert.ok(caught >= 19, `${caught} of 20`);
});
