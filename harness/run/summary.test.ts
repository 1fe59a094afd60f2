import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentPlan } from '../experiments/experiment.js';
import type { SampleLine } from '../results/samples-schema.js';
import { SampleStore } from './sample-store.js';
import { noiseOf, summarise } from './summary.js';

test('the noise of cells with whole cycles is that of the cycles', () => {
  const factors = { watched: 10 };
  const series = [{ name: 'pollcost' as const }, { name: 'pollcost-again' as const }];
  const plan: ExperimentPlan = {
    id: 'grid',
    visits: [{ poller: 'poll', factors, conditions: {}, series }],
    launches: [],
    warnings: [],
  };
  const store = new SampleStore();
  for (let round = 0; round < 3; round++) {
    const at = { experiment: 'grid', launch: 0, round };
    const sample = (name: string, turnNs: number, cycleNs: number): SampleLine => ({
      kind: 'sample',
      ...at,
      cell: `grid/poll/${name}/watched=10`,
      turns: 1,
      metrics: { cpuNsPerTurn: turnNs, cpuNsPerCycle: cycleNs },
    });
    const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
    store.add([sample('pollcost', 100, 1000), sample('pollcost-again', 150, 1010)]);
    store.add([{ kind: 'round', ...at, startedAt: '', seconds: 1, sentinels, flags: [] }]);
  }
  const { aaRatio, floors } = noiseOf(summarise(plan, store, 1, undefined), store);
  assert.equal(aaRatio?.value.toFixed(3), '1.010');
  assert.deepEqual(
    floors?.map(({ metric, pairs, ratio }) => [metric, pairs, ratio.value.toFixed(2)]),
    [
      ['cpuNsPerCycle', 1, '1.01'],
      ['cpuNsPerTurn', 1, '1.50'],
    ],
  );
});

test('a cell that is summarised again after more launches has what they say, as if it never had been before', () => {
  const series = [{ name: 'pollcost' as const }, { name: 'c-twin' as const }];
  const plan: ExperimentPlan = {
    id: 'grid',
    visits: [{ poller: 'poll', factors: { watched: 10 }, conditions: {}, series }],
    launches: [],
    warnings: [],
  };
  const launch = (store: SampleStore, index: number, ns: number) => {
    const at = { experiment: 'grid', launch: index, round: 0 };
    const sample = (name: string, cpuNsPerTurn: number): SampleLine => ({
      kind: 'sample',
      ...at,
      cell: `grid/poll/${name}/watched=10`,
      turns: 1,
      metrics: { cpuNsPerTurn },
    });
    const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
    store.add([sample('pollcost', ns), sample('c-twin', ns - 30)]);
    store.add([{ kind: 'round', ...at, startedAt: '', seconds: 1, sentinels, flags: [] }]);
  };
  const [twice, once] = [new SampleStore(), new SampleStore()];
  for (const [index, ns] of [100, 110].entries()) launch(twice, index, ns);
  const before = summarise(plan, twice, 1, undefined);
  assert.deepEqual(summarise(plan, twice, 1, undefined), before);
  for (const index of [2, 3, 4]) launch(twice, index, 200);
  for (const [index, ns] of [100, 110, 200, 200, 200].entries()) launch(once, index, ns);
  const after = summarise(plan, twice, 1, undefined);
  assert.deepEqual(after, summarise(plan, once, 1, undefined));
  assert.equal(after[0]?.metrics.cpuNsPerTurn?.value, 200);
  assert.equal(after[0]?.metrics.netNsPerTurn?.value, 170);
});
