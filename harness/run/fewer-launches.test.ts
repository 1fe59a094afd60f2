import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentPlan, LaunchPlan, Visit } from '../experiments/experiment.js';
import { cellIdOf, stepsOf, withFewerLaunches, withLongerLaunches } from './plan.js';

test('a plan with fewer launches keeps the first of each kind: no visit is lost', () => {
  const launch = (visits: number[], secondsToStart: number): LaunchPlan => ({
    rounds: 2,
    visits,
    setting: {},
    secondsPerRound: 1,
    secondsToStart,
  });
  const plan = { id: 'x', visits: [], warnings: [], launches: [[0], [1, 2], [0], [1, 2], [0]].map(launch) };
  const kept = (most?: number) =>
    withFewerLaunches(plan, most).launches.map(({ secondsToStart }) => secondsToStart);
  assert.deepEqual(kept(1), [0, 1]);
  assert.deepEqual(kept(2), [0, 1, 2, 3]);
  assert.deepEqual(kept(), [0, 1, 2, 3, 4]);
});

test('longer launches make as many rounds as fit, and never fewer than planned', () => {
  const launch = (rounds: number, secondsPerRound: number): LaunchPlan => ({
    rounds,
    visits: [0],
    setting: {},
    secondsPerRound,
    secondsToStart: 1,
  });
  const plan = { id: 'x', visits: [], warnings: [], launches: [launch(2, 0.3), launch(2, 4)] };
  const roundsIn = (seconds?: number) =>
    withLongerLaunches(plan, seconds).launches.map(({ rounds }) => rounds);
  assert.deepEqual(roundsIn(2), [6, 2]);
  assert.deepEqual(roundsIn(), [2, 2]);
});

const visit = (watched: number): Visit => ({
  poller: 'poll',
  factors: { watched },
  conditions: {},
  series: [{ name: 'pollcost' }],
});

/** One launch makes three visits of which the last takes longest, the other one two of them. */
const sampled: ExperimentPlan = {
  id: 'x',
  visits: [visit(1), visit(2), visit(3)],
  launches: [
    [0, 1, 2],
    [1, 2],
  ].map((visits) => ({
    rounds: 2,
    visits,
    setting: {},
    secondsPerRound: visits.length - 1 + 2,
    secondsOfVisits: { 0: 1, 1: 1, 2: 2 },
    secondsToStart: 1,
  })),
  warnings: [],
};

test('longer launches for some cells measure the others once, and are left alone where they have none of them', () => {
  const cells = new Set([cellIdOf(sampled, visit(1), 'pollcost')]);
  const { launches, ...rest } = withLongerLaunches(sampled, 10, cells);
  assert.deepEqual(
    launches.map(({ rounds }) => rounds),
    [10, 2],
  );
  const visited = [0, 1, 9].map((round) => stepsOf({ ...rest, launches }, 1, 0, round).length);
  assert.deepEqual(visited, [3, 1, 1]);
  assert.equal(launches[0]?.secondsPerRound, 1 + 3 / 10);
  assert.equal(launches[1], sampled.launches[1]);
});

test('what decides is made in every round of a longer launch, however seldom it was planned', () => {
  const cells = new Set([cellIdOf(sampled, visit(1), 'pollcost')]);
  const [launch] = sampled.launches;
  const every = Object.fromEntries(launch?.visits.map((index) => [index, 3]) ?? []);
  const seldom = { ...sampled, launches: [{ ...(launch as LaunchPlan), rounds: 3, every }] };
  const [longer] = withLongerLaunches(seldom, 10, cells).launches;
  const [asBefore] = withLongerLaunches(sampled, 10, cells).launches;
  assert.deepEqual([longer?.rounds, longer?.every], [asBefore?.rounds, asBefore?.every]);
});

test('what is counted is not measured for longer: it says the same again', () => {
  const counted: ExperimentPlan = { ...sampled, isCounted: true };
  assert.equal(withLongerLaunches(counted, 10), counted);
});
