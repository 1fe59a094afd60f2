import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentPlan, LaunchPlan, Visit } from '../experiments/experiment.js';
import { moreFor, SECONDS_IN_ALL, secondsForMore, withMore } from './more-rounds.js';
import { cellIdOf } from './plan.js';

const visit = (watched: number): Visit => ({
  poller: 'poll',
  factors: { watched },
  conditions: {},
  series: [{ name: 'pollcost' }],
});
const launch = (visits: readonly number[], secondsToStart = 1): LaunchPlan => ({
  rounds: 2,
  visits,
  setting: {},
  every: { 0: 2 },
  secondsPerRound: visits.length * 0.1,
  secondsToStart,
});
const plan = (id: string): ExperimentPlan => ({
  id,
  visits: [1, 2, 3, 4].map(visit),
  launches: [launch([0, 1, 2]), launch([0, 1, 2]), launch([3])],
  warnings: [],
});
const cell = (of: ExperimentPlan, at: number) => cellIdOf(of, of.visits[at] as Visit, 'pollcost');
const [a, b] = [plan('a'), plan('b')];

test('what is open gets launches of the visits that decide it alone, in the time that there is', () => {
  const more = moreFor([a, b], [[cell(a, 0), cell(a, 1)], [cell(b, 3)]], 30);
  assert.deepEqual(
    more.map(({ experiment, like, visits }) => ({ experiment, like, visits })),
    [
      { experiment: 'a', like: 0, visits: [0, 1] },
      { experiment: 'b', like: 2, visits: [3] },
    ],
  );
  for (const { launches, rounds } of more)
    assert.ok(launches >= 2 && rounds >= 2, `${launches} of ${rounds}`);
  assert.ok(more.reduce((sum, { seconds }) => sum + seconds, 0) <= 30);
});

test('what one leaves of the time goes to those after it, and a launch that two ask for is made for both', () => {
  const alone = moreFor([a], [[cell(a, 0)]], 10);
  const both = moreFor([a], [[cell(a, 0)], [cell(a, 2)]], 20);
  assert.deepEqual(
    both.map(({ visits }) => visits),
    [[0, 2]],
  );
  assert.ok((both[0]?.launches ?? 0) >= 2 * (alone[0]?.launches ?? 0) - 1);
});

test('a sure verdict has none, nor has any where there is no time for a launch', () => {
  assert.deepEqual(moreFor([a, b], [], 30), []);
  assert.deepEqual(moreFor([a, b], [[cell(a, 0)]], 1), []);
  assert.deepEqual(moreFor([a, b], [['a cell that no launch has']], 30), []);
});

test('the launches that are added come behind those of the plan, and make all of their visits in each round', () => {
  const more = moreFor([a, b], [[cell(a, 0), cell(a, 2)]], 10);
  const longer = withMore(a, more);
  assert.deepEqual(longer.launches.slice(0, 3), a.launches);
  assert.equal(longer.launches.length, 3 + (more[0]?.launches ?? 0));
  assert.deepEqual([...(longer.launches[3]?.visits ?? [])], [0, 2]);
  assert.equal(longer.launches[3]?.every, undefined);
  assert.deepEqual(withMore(b, more), b);
});

test('more rounds end with the time of the profile, and take a quarter of what few experiments took', () => {
  assert.equal(secondsForMore('quick', 8), 2);
  assert.ok(secondsForMore('quick', 62) <= SECONDS_IN_ALL.quick - 62);
  assert.equal(secondsForMore('quick', 90), 0);
});
