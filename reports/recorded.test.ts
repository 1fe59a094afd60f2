import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredCell, Run } from '../harness/results/run-schema.js';
import type { SampleLine } from '../harness/results/samples-schema.js';
import type { ChartSpec } from './charts/chart.js';
import { MOST_DOTS } from './charts/dots-panel.js';
import { samplesOfClaim } from './charts/samples-of-claim.js';
import { renderSvg } from './charts/svg.js';
import { pages } from './pages/registry.js';
import { recordedOf } from './recorded.js';
import { renderReport } from './render.js';
import { exampleClaims } from './testing/example-claims.js';
import { effect, figure, measured } from './testing/example-figures.js';
import { emptyRun, exampleRun } from './testing/example-run.js';

const factors = { watched: 1000, ready: 1, position: 'last', timeout: 'zero' };
const cells = ['poll', 'epoll'].map((poller) =>
  measured('watched-fds', poller, factors, { cpuNsPerTurn: figure(500, 'ns') }),
) as MeasuredCell[];
const samplesOf = (cell: MeasuredCell, count: number): SampleLine[] =>
  Array.from({ length: count }, (_, round) => ({
    kind: 'sample' as const,
    ...{ experiment: cell.experiment, launch: 0, round, cell: cell.id, turns: 1 },
    speed: round % 2 === 0 ? { before: 2, after: 2 } : { before: 4, after: 4 },
    metrics: { cpuNsPerTurn: 490 + (round % 20) },
  }));
const claimed = (run: Run) => {
  const claim = exampleClaims[0];
  assert.ok(claim);
  const effects = [
    effect('epollOverPoll', 0.1, 'ratio', true, { ...factors, poller: 'epoll', overPoller: 'poll' }),
  ];
  return [{ ...claim, evidence: ['watched-fds'], effects } as typeof claim, run] as const;
};
const run = emptyRun({ cells });

test('the dots of a claim are the samples of the cells that its deciding figure was made of', async () => {
  const recorded = recordedOf(cells.flatMap((cell) => samplesOf(cell, 20)));
  const chart = samplesOfClaim(...claimed(run), recorded) as ChartSpec;
  assert.equal(chart.status, 'drawn');
  const [panel] = chart.panels;
  assert.deepEqual(
    panel?.points.map(({ poller, value }) => [poller, value]),
    [
      ['poll', 500],
      ['epoll', 500],
    ],
  );
  const svg = await renderSvg('dots', panel?.spec as never);
  const dots = (ink: string) =>
    svg
      .match(
        new RegExp(`<path stroke="${ink.replace(/[()]/g, '\\$&')}" stroke-linecap[^>]* d="([^"]*)"`),
      )?.[1]
      ?.match(/h0/g)?.length;
  assert.deepEqual([dots('var(--p-poll)'), dots('var(--p-epoll)'), dots('var(--edge)')], [10, 10, 20]);
});

test('100 000 samples are thinned by the stated rule, and the page says so', () => {
  const recorded = recordedOf(cells.flatMap((cell) => samplesOf(cell, 50_000)));
  const chart = samplesOfClaim(...claimed(run), recorded) as ChartSpec;
  const [panel] = chart.panels;
  assert.ok(panel);
  const { layer } = panel.spec as unknown as { layer: { data?: { values: unknown[] } }[] };
  assert.equal(layer[0]?.data?.values.length, 2 * MOST_DOTS);
  assert.match(chart.conditions, /more than 60 samples every second, third, \.\.\. is drawn/);
});

test('a claim without samples says why', () => {
  const chart = samplesOfClaim(...claimed(run), recordedOf([]));
  assert.match(chart.status === 'absent' ? chart.reason : '', /no samples of the cells/);
});

test('sockets by TCP state stand on the diagram and in the table, and the seconds of a server are drawn', async () => {
  const readings = (round: number, established: number): SampleLine => ({
    kind: 'readings',
    ...{ experiment: 'server', launch: 0, round, subject: 'pollcost http private table 1000 connections' },
    factors: { series: 'pollcost', app: 'http', fileTable: 'private', connections: 1000 },
    values: {},
    tcpStates: { LISTEN: 1, ESTABLISHED: established },
    timeline: [1, 2, 3].map((second) => ({ atMs: second * 1000, cores: 0.2 * second, residentBytes: 7e7 })),
  });
  const recorded = recordedOf([readings(0, 999), readings(1, 1000)]);
  const serverCells = exampleRun().cells.filter(({ experiment }) => experiment === 'server');
  const html =
    (await renderReport(exampleRun({ claims: [], cells: serverCells }), recorded)).get(pages.server.file) ??
    '';
  assert.match(html, /aria-label="TCP states: 1 in LISTEN, 1\u202f000 in ESTABLISHED"/);
  assert.match(html, /<g class="seen"><rect[^>]*><\/rect><text[^>]*>ESTABLISHED/);
  assert.match(html, /id="chart-server-timeline" aria-label/);
});
