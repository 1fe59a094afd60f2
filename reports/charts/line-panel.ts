import type { TopLevelSpec } from 'vega-lite';
import { chartConfig } from '../theme/chart-config.js';
import { colourOf, layerOf, type PollerId, shapeOf } from '../theme/pollers.js';
import { type Axis, labelExpr, spanInWords, ticksOf } from './axis.js';
import { pollersOf } from './cells.js';
import type { Line, Panel, Point } from './chart.js';

interface LinePanel {
  readonly title: string;
  readonly metric: string;
  readonly points: readonly Point[];
  readonly x: Axis;
  readonly y: Axis;
  /** A level to compare with: 0 of a difference, 1 of a ratio. */
  readonly reference?: number;
  /** Figures that do not follow from each other, such as one for each cell. */
  readonly scattered?: true;
}

export type Layers = Extract<TopLevelSpec, { layer: unknown }>['layer'];

export const WIDTH = 276;
const HEIGHT = 196;
// Fixed, not measured: the plots of one row line up, and all panels of a page have the same size.
export const PADDING = { left: 56, right: 20, top: 26, bottom: 44 };

const isDrawn = ({ scale }: Axis, value: number): boolean => scale !== 'log' || value > 0;

/** The figures that the axes can show, with bands cut off where a logarithmic axis ends. */
const drawable = (points: readonly Point[], x: Axis, y: Axis) =>
  points
    .filter((point) => isDrawn(x, point.x) && isDrawn(y, point.value))
    .sort((a, b) => layerOf(a.poller) - layerOf(b.poller))
    .map(({ poller, series, x, value, low, high }) => {
      const bandLow = y.scale === 'log' && low < y.domain[0] ? y.domain[0] : low;
      const bandHigh = y.scale === 'log' ? Math.min(high, y.domain[1]) : high;
      const alone = !points.some(
        (other) => other.poller === poller && other.series === series && other.x !== x,
      );
      return { poller, series, x, value, bandLow, bandHigh, alone };
    });

const scaleOf = ({ scale, domain, linearTo = 1 }: Axis) => {
  const common = { domain: [...domain], nice: false };
  if (scale === 'log') return { ...common, type: 'log' as const };
  if (scale === 'symlog') return { ...common, type: 'symlog' as const, constant: linearTo };
  return { ...common, type: 'linear' as const, zero: false };
};

export const quantitative = (field: string, axis: Axis) => ({
  field,
  type: 'quantitative' as const,
  scale: scaleOf(axis),
});

export const ticks = (axis: Axis) => {
  const values = ticksOf(axis);
  return { labelExpr: labelExpr(axis.labels), ...(values ? { values } : { tickCount: 5 }) };
};

export const colours = (pollers: readonly PollerId[]) => ({
  field: 'poller',
  type: 'nominal' as const,
  scale: { domain: [...pollers], range: pollers.map(colourOf) },
  legend: null,
});

export const shapes = (pollers: readonly PollerId[]) => ({
  field: 'poller',
  type: 'nominal' as const,
  scale: { domain: [...pollers], range: pollers.map(shapeOf) },
  legend: null,
});

/** Filled for our own series, hollow for the one beside it. */
export const symbol = (ours: boolean) => ({
  type: 'point' as const,
  size: 46,
  opacity: 1,
  strokeWidth: ours ? 0.75 : 1.5,
  ...(ours ? { filled: true, stroke: 'var(--paper)' } : { fill: 'var(--paper)' }),
});

/**
 * A solid line with filled symbols for our own series, a dashed one with hollow symbols for the one beside
 * it.
 */
const seriesLayers = (series: Line, pollers: readonly PollerId[], y: Axis, scattered: boolean): Layers => {
  const ours = series === 'pollcost';
  const only = [{ filter: { field: 'series', equal: series } }];
  const value = quantitative('value', y);
  const lines: Layers = [
    {
      transform: only,
      mark: { type: 'area', opacity: ours ? 0.22 : 0.12 },
      encoding: { y: quantitative('bandLow', y), y2: { field: 'bandHigh' } },
    },
    {
      // A band of one point has no width.
      transform: [...only, { filter: { field: 'alone', equal: true } }],
      mark: { type: 'rule', strokeWidth: 1.5 },
      encoding: { y: quantitative('bandLow', y), y2: { field: 'bandHigh' } },
    },
    {
      transform: only,
      mark: { type: 'line', strokeWidth: 1.75, ...(ours ? {} : { strokeDash: [5, 3] }) },
      encoding: { y: value },
    },
  ];
  const whiskers: Layers = [
    {
      transform: only,
      mark: { type: 'rule', strokeWidth: 1, opacity: 0.5 },
      encoding: { y: quantitative('bandLow', y), y2: { field: 'bandHigh' } },
    },
  ];
  const symbols: Layers = [
    { transform: only, mark: symbol(ours), encoding: { y: value, shape: shapes(pollers) } },
  ];
  return [...(scattered ? whiskers : lines), ...symbols];
};

const referenceLayer = (level: number, y: Axis): Layers[number] => ({
  data: { values: [{ level }] },
  mark: { type: 'rule', color: 'var(--ink-soft)', strokeDash: [2, 3] },
  encoding: {
    x: { value: 0 },
    x2: { value: 'width' },
    color: { value: 'var(--ink-soft)' },
    y: quantitative('level', y),
  },
});

/**
 * One of the small multiples: a line with its interval as a band and a symbol at each figure, poller by
 * poller.
 */
export const linePanel = ({ title, metric, points, x, y, reference, scattered }: LinePanel): Panel => {
  const shown = drawable(points, x, y);
  const series = [...new Set(shown.map((point) => point.series))];
  const description = `${title}. Across: ${spanInWords(x)}. Up: ${spanInWords(y)}.`;
  const pollers = pollersOf(points);
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    width: WIDTH,
    height: HEIGHT,
    padding: PADDING,
    autosize: { type: 'none' },
    data: { values: shown },
    encoding: {
      x: {
        ...quantitative('x', x),
        axis: { ...ticks(x), title: x.title, titlePadding: 8, grid: false, labelFlush: false },
      },
      y: {
        axis: {
          ...ticks(y),
          title: y.title,
          titleAngle: 0,
          titleAlign: 'left',
          titleAnchor: 'end',
          titleX: -PADDING.left,
          titleY: -14,
          domain: false,
          ticks: false,
        },
      },
      color: colours(pollers),
    },
    layer: [
      ...(reference === undefined ? [] : [referenceLayer(reference, y)]),
      ...series.toReversed().flatMap((each) => seriesLayers(each, pollers, y, scattered === true)),
    ],
    config: chartConfig,
  };
  const omitted = points.length - shown.length;
  return { title, metric, xTitle: x.title, description, points, omitted, spec };
};
