import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SampleLine } from '../results/samples-schema.js';
import { differenceInterval } from '../statistics/bootstrap.js';
import { SampleStore } from './sample-store.js';

/** Cells whose full-speed rounds differ: what is combined has to come from one call. */

const CELLS = ['a', 'b', 'c'];
const ROUNDS = 12;

/** Each cell loses its speed in a round of its own out of three; the figures say which round and cell they are of. */
function planted(): SampleStore {
  const store = new SampleStore();
  for (let launch = 0; launch < 2; launch++) {
    for (let round = 0; round < ROUNDS; round++) {
      const at = { experiment: 'grid', launch, round };
      const lines = CELLS.map((cell, index): SampleLine => {
        const ns = round % 4 === index ? 6 : 3;
        const figure = 1000 * launch + 10 * round;
        const metrics = { cpuNsPerTurn: figure + index, wallNsPerTurn: figure + index + 5 };
        return { kind: 'sample', ...at, cell, turns: 1, speed: { before: ns, after: ns }, metrics };
      });
      const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
      store.add([...lines, { kind: 'round', ...at, startedAt: '', seconds: 1, sentinels, flags: [] }]);
    }
  }
  return store;
}

test('cells of one call have the same rounds, whichever of them were at full speed in each', () => {
  const store = planted();
  const alone = CELLS.map((cell) => store.rounds('cpuNsPerTurn', [cell])[0]?.[0] ?? []);
  assert.deepEqual(
    alone.map((rounds) => rounds.length),
    [9, 9, 9],
  );
  assert.notDeepEqual(
    alone[0]?.map((figure) => figure - 0),
    alone[1]?.map((figure) => figure - 1),
  );
  const [a = [], b = [], c = []] = store.rounds('cpuNsPerTurn', CELLS);
  assert.deepEqual(
    a.map((rounds) => rounds.length),
    [3, 3],
  );
  assert.deepEqual(differenceInterval(c, a, { seed: 1 }), { value: 2, low: 2, high: 2, n: 6, launches: 2 });
  assert.deepEqual(differenceInterval(b, a, { seed: 1 }).value, 1);
});

test('several metrics of several cells come from the same rounds in one call', () => {
  const store = planted();
  const [cpu = [], wall = [], ofOther = []] = store.rounds(
    ['cpuNsPerTurn', 'wallNsPerTurn', 'wallNsPerTurn'],
    ['a', 'a', 'b'],
  );
  assert.equal(differenceInterval(wall, cpu, { seed: 1 }).high, 5);
  assert.deepEqual(differenceInterval(ofOther, cpu, { seed: 1 }), {
    value: 6,
    low: 6,
    high: 6,
    n: 12,
    launches: 2,
  });
});

test('a cell that lacks a metric in a round leaves that round out for all', () => {
  const store = new SampleStore();
  for (const [round, metrics] of [
    { cpuShare: 1 },
    { cpuShare: 2, errors: 0 },
    { cpuShare: 3, errors: 1 },
  ].entries()) {
    const at = { experiment: 'grid', launch: 0, round };
    const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
    store.add([
      { kind: 'sample', ...at, cell: 'a', turns: 1, metrics },
      { kind: 'round', ...at, startedAt: '', seconds: 1, sentinels, flags: [] },
    ]);
  }
  assert.deepEqual(store.rounds(['cpuShare', 'errors'], ['a', 'a']), [[[2, 3]], [[0, 1]]]);
});

test('cells of a launch need not be at full speed in the same rounds: each counts with all that it was at full speed in', () => {
  const store = planted();
  const [a = [], b = []] = store.launches('cpuNsPerTurn', ['a', 'b']);
  assert.deepEqual(
    [a, b].map((of) => of.map((rounds) => rounds.length)),
    [
      [9, 9],
      [9, 9],
    ],
  );
  assert.notDeepEqual(
    a[0],
    b[0]?.map((figure) => figure - 1),
  );
});
