import type { TopLevelSpec } from 'vega-lite';
import type { MeasuredCell, Unit } from '../../harness/results/run-schema.js';
import type { Recorded } from '../recorded.js';
import { chartConfig } from '../theme/chart-config.js';
import { colourOf } from '../theme/pollers.js';
import { type Axis, aroundZero, logAxis, spanInWords } from './axis.js';
import { inNanoseconds, pollersOf } from './cells.js';
import { colours, quantitative, shapes, symbol, ticks } from './channels.js';
import type { Panel, Point } from './chart.js';
import { inLines } from './interval-panel.js';
import { PADDING, pointInWords } from './line-panel.js';

/** Of more samples in a cell only every second, third, ... is drawn, in the order in which they were taken. */
export const MOST_DOTS = 60;
const WIDTH = 348;
const ROW = 52;
/** Dots of a row lie on so many lines, one after the other, so that equal ones are seen. */
const LANES = 5;

const SCALE_OF: Partial<Record<Unit, number>> = { us: 1e3, ms: 1e6, s: 1e9 };

interface Dot {
  readonly row: number;
  readonly value: number;
  readonly lane: number;
  readonly ink: string;
}

/** The samples of a cell; grey what was not taken at full speed, which its median leaves out. */
const dotsOf = (cell: MeasuredCell, row: number, metric: string, { samples, slow }: Recorded): Dot[] => {
  const scale = SCALE_OF[cell.metrics[metric]?.unit ?? 'ns'] ?? 1;
  const taken = (samples.get(cell.id) ?? []).filter((sample) => sample.metrics[metric] !== undefined);
  const every = Math.ceil(taken.length / MOST_DOTS) || 1;
  return taken
    .filter((_, index) => index % every === 0)
    .map((sample, index) => ({
      row,
      value: (sample.metrics[metric] as number) * scale,
      lane: (index % LANES) - (LANES - 1) / 2,
      ink: slow.has(sample) ? 'var(--edge)' : colourOf(cell.poller),
    }));
};

export interface DottedRow {
  readonly cell: MeasuredCell;
  readonly label: string;
}

/** Rows of raw samples, each with the median and the interval that were made of them. */
export const dotsPanel = (
  {
    title,
    metric,
    axis: name,
    labels,
  }: { title: string; metric: string; axis: string; labels: Axis['labels'] },
  rows: readonly DottedRow[],
  recorded: Recorded,
): Panel => {
  const points = inNanoseconds(
    rows.flatMap(({ cell, label }, row): Point[] => {
      const figure = cell.metrics[metric];
      if (!figure) return [];
      const { value, low, high, unit } = figure;
      return [
        { poller: cell.poller, series: 'pollcost', x: row, label, value, low, high, unit, flags: cell.flags },
      ];
    }),
  );
  const dots = rows.flatMap(({ cell }, row) => dotsOf(cell, row, metric, recorded));
  const ends = [
    ...points.flatMap(({ value, low, high }) => [value, low, high]),
    ...dots.map(({ value }) => value),
  ];
  const x = Math.min(...ends) > 0 ? logAxis(name, labels, ends) : aroundZero(name, labels, ends);
  const pollers = pollersOf(points);
  const description = `${title}. ${rows.length} rows of raw samples with their medians. Across: ${spanInWords(x)}.`;
  const place = (row: number) => row * ROW + 38;
  const across = { type: 'quantitative' as const, scale: null, axis: null };
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    width: WIDTH,
    height: rows.length * ROW,
    padding: { ...PADDING, left: 12, right: 32, top: 4 },
    autosize: { type: 'none' },
    data: {
      values: points.map((point) => ({
        ...point,
        at: place(point.x),
        low: Math.max(point.low, x.domain[0]),
        high: Math.min(point.high, x.domain[1]),
        words: pointInWords(point),
      })),
    },
    layer: [
      {
        data: { values: dots.map(({ row, lane, ...dot }) => ({ ...dot, at: place(row) + 2.4 * lane })) },
        mark: {
          type: 'point',
          shape: 'circle',
          filled: true,
          size: 9,
          opacity: 0.55,
          strokeWidth: 0,
          aria: false,
        },
        encoding: {
          x: { ...quantitative('value', x), axis: { ...ticks(x), title: x.title, titlePadding: 8 } },
          y: { field: 'at', ...across },
          color: { field: 'ink', type: 'nominal', scale: null },
        },
      },
      {
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: {
          x: quantitative('low', x),
          x2: { field: 'high' },
          y: { field: 'at', ...across },
          color: { value: 'var(--ink)' },
        },
      },
      {
        mark: { ...symbol(true), aria: true },
        encoding: {
          x: quantitative('value', x),
          y: { field: 'at', ...across },
          color: colours(pollers),
          shape: shapes(pollers),
          description: { field: 'words', type: 'nominal' },
        },
      },
      {
        data: { values: rows.map(({ label }, row) => ({ label: inLines(label), at: place(row) - 32 })) },
        mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11.5, lineHeight: 13 },
        encoding: {
          x: { value: 0 },
          y: { field: 'at', ...across },
          text: { field: 'label', type: 'nominal' },
          color: { value: 'var(--ink)' },
        },
      },
    ],
    config: chartConfig,
  };
  return { title, metric, xTitle: 'figure', xLabels: 'count', description, points, omitted: 0, spec };
};
