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
