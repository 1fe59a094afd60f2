import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleRun } from '../testing/example-run.js';
import type { Axis } from './axis.js';
import type { Panel, Point } from './chart.js';
import { intervalPanel } from './interval-panel.js';
import { linePanel } from './line-panel.js';
import { chartNames, charts } from './registry.js';
import { rowPanel } from './row-panel.js';
import { renderSvg } from './svg.js';
import { verdictChart } from './verdict.js';

/** What every chart keeps to, whatever it draws. */

const COUNT: Axis = { title: 'watched fds', scale: 'log', labels: 'count', domain: [1, 100] };
const TIME: Axis = { title: 'CPU time', scale: 'log', labels: 'time', domain: [100, 10_000] };

const point = (x: number, changes: Partial<Point> = {}): Point => ({
  ...{ poller: 'poll', series: 'pollcost', x, value: 500, low: 400, high: 600, unit: 'ns', flags: [] },
  ...changes,
});

const lineOf = (points: readonly Point[]): Panel =>
  linePanel({ title: 'a line', metric: 'cpuNsPerTurn', points, x: COUNT, y: TIME });

const shownIn = ({ spec }: Panel) => (spec.data as { values: { band: boolean; cut: boolean }[] }).values;

test('under five figures a line has whiskers, from five on a band: fewer would pretend to know what lies between', () => {
  const counts = [1, 2, 5, 10, 20];
  const bands = (most: number) => shownIn(lineOf(counts.slice(0, most).map((x) => point(x))));
  assert.ok(bands(4).every(({ band }) => !band));
  assert.ok(bands(5).every(({ band }) => band));
});

test('where an interval leaves its axis an arrow says so, and nowhere else', async () => {
  const beyond = [point(1, { low: -100 }), point(10)];
  const line = lineOf(beyond);
  assert.deepEqual(
    shownIn(line).map(({ cut }) => cut),
    [true, false],
  );
  const arrows = async (panel: Panel, arrow: string) =>
    (await renderSvg('panel', panel.spec)).split(arrow).length - 1;
  assert.equal(await arrows(line, '↓'), 1);
  assert.equal(await arrows(lineOf([point(1), point(10)]), '↓'), 0);

  const rowsOf = (points: readonly Point[]) =>
    rowPanel({
      ...{ title: 'rows', metric: 'cpuNsPerTurn', rowTitle: 'life', x: TIME },
      points: points.map((each) => ({ ...each, label: `life ${each.x}` })),
    });
  assert.equal(await arrows(rowsOf(beyond), '←'), 1);
  assert.equal(await arrows(rowsOf([point(1), point(10)]), '←'), 0);
});

test('a figure beside the rule that hardly says anything leaves the axis to those that decide, with an arrow at each end', async () => {
  const ratio = { unit: 'ratio' as const, high: 1.1 };
  const decides = { ...point(0, { ...ratio, value: 1, low: 0.9 }), label: 'decides', limits: { to: 1.2 } };
  const beside = { ...point(1, { ...ratio, value: 2, low: -2_000, high: 2_000 }), label: 'beside' };
  const panelOf = (rows: readonly (typeof decides | typeof beside)[]) =>
    intervalPanel({ title: 'rows', metric: 'ratio', axis: 'ratio', labels: 'factor', rows });
  const svg = await renderSvg('rows', panelOf([decides, beside]).spec);
  assert.match(svg, /←/);
  assert.match(svg, /→/);
  assert.match(svg, />2×</);
  assert.doesNotMatch(svg, /000×/);
  assert.doesNotMatch(await renderSvg('rows', panelOf([decides]).spec), /[←→]/);
});

test('figures that are all the same stand on an axis from zero, not on a hair’s breadth of one', () => {
  const spanOf = (...values: number[]) => {
    const rows = values.map((value, x) => ({
      ...point(x, { value, low: value, high: value }),
      label: `${x}`,
    }));
    const { description } = intervalPanel({
      ...{ title: 'rows', metric: 'count', axis: 'count', labels: 'count' as const },
      rows: rows.map((row) => ({ ...row, unit: 'count' as const })),
    });
    return description.replace(/.*Across: /, '').replaceAll('\u202f', '');
  };
  assert.equal(spanOf(1_000, 1_000, 1_000), 'count, linear, from 0 to 1060.');
  assert.equal(spanOf(-50), 'count, linear, from −53 to 3.');
  assert.equal(spanOf(0, 0), 'count, linear, from 0 to 1.');
  assert.equal(spanOf(1_000, 1_100), 'count, linear, from 1000 to 1106.');
});

test('a scale has one quantity: all figures of a panel have its unit', () => {
  const run = exampleRun();
  const all = [
    ...chartNames.map((name) => charts[name](run)),
    ...run.claims.map((claim) => verdictChart(claim)),
  ];
  const panels = all.flatMap((chart) => (chart.status === 'drawn' ? chart.panels : []));
  assert.ok(panels.length > 20);
  for (const { title, points } of panels)
    assert.ok(
      new Set(points.map(({ unit, ratioKind }) => `${unit} ${ratioKind}`)).size <= 1,
      `${title}: ${points.map(({ unit, ratioKind }) => `${unit} ${ratioKind}`)}`,
    );
});
