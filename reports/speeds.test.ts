import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SampleLine } from '../harness/results/samples-schema.js';
import { speedChart } from './charts/speeds.js';
import { speedsOf } from './speeds.js';
import { exampleRun } from './testing/example-run.js';

const sample = (round: number, before: number, after: number): SampleLine => ({
  kind: 'sample',
  experiment: 'churn',
  launch: 0,
  round,
  cell: 'churn/epoll',
  turns: 1,
  speed: { before, after },
  metrics: {},
});
const round = (number: number, startedAt: string): SampleLine => ({
  kind: 'round',
  experiment: 'churn',
  launch: 0,
  round: number,
  startedAt,
  seconds: 1,
  sentinels: { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 },
  flags: [],
});

const lines = [
  sample(0, 2, 4),
  sample(0, 3, 9),
  round(0, '2026-11-23T04:45:00.000Z'),
  sample(1, 2, 2),
  round(1, '2026-11-23T04:45:07.000Z'),
  round(2, '2026-11-23T04:45:09.000Z'),
];

test('a round has the speeds of its own samples, and one without any is left out', () => {
  assert.deepEqual(speedsOf(lines), [
    { experiment: 'churn', atSeconds: 0, fastestNs: 2, medianNs: 4, slowestNs: 9 },
    { experiment: 'churn', atSeconds: 7, fastestNs: 2, medianNs: 2, slowestNs: 2 },
  ]);
});

test('speeds are drawn over time against full speed, and a run without them says so', () => {
  const run = exampleRun();
  const noise = { ...run.noise, fullSpeedNs: 2, shareAtFullSpeed: 0.5 };
  const chart = speedChart({ ...run, noise }, speedsOf(lines));
  assert.equal(chart.status, 'drawn');
  assert.match(JSON.stringify(chart), /"limit":2\.2/);
  assert.match(chart.status === 'drawn' ? chart.caption : '', /50\u00a0% were taken at it/);
  const without = speedChart(run, []);
  assert.match(without.status === 'absent' ? without.reason : '', /no speed was read/);
});
