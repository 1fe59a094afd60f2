import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SampleLine } from '../results/samples-schema.js';
import { launchesInTurns } from './plan.js';
import { ExperimentRun, Interrupted, runInTurns } from './runner.js';
import { SampleStore } from './sample-store.js';
import { hooks, launch, plan, scripted } from './testing/scripted.js';

/** Experiments that take turns in one run. */

/** Experiments of so many launches each, and what was done with them, in order. */
function severalRuns(launches: Readonly<Record<string, number>>) {
  const log: string[] = [];
  const runs = Object.entries(launches).map(([id, count]) => {
    const planned = {
      ...plan,
      id,
      launches: Array.from({ length: count }, () => ({ ...launch, rounds: 1 })),
    };
    return new ExperimentRun({ ...scripted([]), id }, planned);
  });
  const turns = {
    starts: ({ plan: { id } }: ExperimentRun, index: number) => log.push(`${id} ${index}`),
    ends: () => {},
    ended: ({ plan: { id } }: ExperimentRun) => log.push(`${id} has ended`),
  };
  return { log, runs, turns };
}

test('experiments take turns launch by launch, and each is told to have ended after its last one', async () => {
  const { log, runs, turns } = severalRuns({ a: 3, none: 0, b: 3, once: 1 });
  await runInTurns(runs, hooks([], new SampleStore()), turns);
  assert.deepEqual(log, [
    'none has ended',
    ...['a 0', 'b 0', 'a 1', 'b 1', 'once 0', 'once has ended', 'a 2', 'a has ended', 'b 2', 'b has ended'],
  ]);
});

test('every experiment sees the whole length of a run, however many launches it has', () => {
  const plans = [3, 7, 4].map((count) => ({
    ...plan,
    launches: Array.from({ length: count }, () => launch),
  }));
  const order = launchesInTurns(plans);
  assert.equal(order.length, 14);
  for (const [experiment, { launches }] of plans.entries()) {
    const places = order.flatMap((each, at) => (each.experiment === experiment ? [at] : []));
    assert.deepEqual(
      places.map((at) => order[at]?.launch),
      launches.map((_, index) => index),
    );
    const share = order.length / launches.length;
    assert.ok(places.every((at, index) => Math.abs(at - (index + 0.5) * share) <= share));
  }
});

test('launches whose rounds are done are not started again, in whatever experiment they are', async () => {
  const store = new SampleStore();
  const stop = new AbortController();
  const first = severalRuns({ a: 2, b: 2 });
  const untilThree = {
    ...hooks([], store, stop.signal),
    record(lines: readonly SampleLine[]) {
      store.add(lines);
      if (first.log.length === 3) stop.abort();
    },
  };
  await assert.rejects(runInTurns(first.runs, untilThree, first.turns), Interrupted);
  assert.deepEqual(first.log, ['a 0', 'b 0', 'a 1', 'a has ended']);
  const resumed = severalRuns({ a: 2, b: 2 });
  await runInTurns(resumed.runs, hooks([], store), resumed.turns);
  assert.deepEqual(resumed.log, ['a has ended', 'b 1', 'b has ended']);
});

test('what launches took is counted for their experiment, behind what an earlier part of the run took', async () => {
  const run = new ExperimentRun(scripted([]), plan, 100);
  const seen: number[] = [];
  const turns = { starts() {}, ends: ({ seconds }: ExperimentRun) => seen.push(seconds), ended() {} };
  await runInTurns([run], hooks([], new SampleStore()), turns);
  assert.equal(seen.length, 2);
  assert.ok((seen[0] as number) > 100 && (seen[1] as number) > (seen[0] as number));
});
