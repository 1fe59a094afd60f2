import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Difference, TwoRuns } from '../harness/gate/two-runs.js';
import { pairedChart, renderComparison } from './comparison.js';
import { exampleRun } from './testing/example-run.js';

const difference = (poller: string, watched: number, ratio: number, isBeyondNoise: boolean): Difference => {
  const around = (value: number) => ({
    ...{ value, low: value * 0.99, high: value * 1.01 },
    ...{ n: 6, launches: 3 },
  });
  return {
    id: `watched-fds/${poller}/${watched}`,
    kind: 'absolute',
    figure: {
      id: `watched-fds/${poller}/${watched}`,
      kind: 'absolute',
      experiment: 'watched-fds',
      poller,
      metric: 'cpuNsPerTurn',
      factors: { watched: String(watched) },
      unit: 'ns',
      readings: [],
    },
    a: around(500),
    b: around(500 * ratio),
    ratio: around(ratio),
    isBeyondNoise,
  };
};

const pair = (differences: readonly Difference[]): TwoRuns => {
  const a = exampleRun();
  const b = exampleRun({ environment: { ...a.environment, kernel: '9.9.9-other' } });
  return { a, b, noiseFactor: 1.05, differences, onlyInOne: 0, verdicts: [] };
};

const two = pair([difference('poll', 100, 1.5, true), difference('epoll', 100, 1.02, false)]);

test('only what differs by more than noise has the colour of its poller', () => {
  const chart = pairedChart(two);
  assert.equal(chart.status, 'drawn');
  if (chart.status !== 'drawn') return;
  const [panel] = chart.panels;
  assert.deepEqual(
    panel?.points.map(({ poller, value }) => [poller, value]),
    [
      ['poll', 1.5],
      ['', 1.02],
    ],
  );
});

test('a comparison names what is not the same, lists what differs, and runs nothing but our script', async () => {
  const html = await renderComparison([two, pair([])]);
  assert.match(html, /9\.9\.9-other/);
  assert.match(html, /3\u00a0runs side by side/);
  assert.match(html, /<th scope="row" class="prose">poll: 100 watched \(watched-fds\)<\/th>/);
  assert.doesNotMatch(html, /epoll: 100 watched \(watched-fds\)/);
  assert.match(html, /Not drawn: the two runs measured no time under the same conditions/);
  assert.doesNotMatch(html, /https?:|<script(?! type="module">)/);
});
