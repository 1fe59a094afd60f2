import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaunchPlan } from '../experiments/experiment.js';
import { withFewerLaunches, withLongerLaunches } from './plan.js';

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
