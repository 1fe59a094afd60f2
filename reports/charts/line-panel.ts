import type { TopLevelSpec } from 'vega-lite';
import type { Series } from '../../harness/results/run-schema.js';
import { chartConfig } from '../theme/chart-config.js';
import { colourOf, drawingOrder, looks, type PollerId } from '../theme/pollers.js';
import { type Axis, labelExpr, logTicks, spanInWords } from './axis.js';
import { pollersOf } from './cells.js';
import type { Panel, Point } from './chart.js';

interface LinePanel {
  readonly title: string;
  readonly metric: string;
  readonly points: readonly Point[];
  readonly x: Axis;
  readonly y: Axis;
  /** A level to compare with: 0 of a difference, 1 of a ratio. */
  readonly reference?: number;
}

type Layers = Extract<TopLevelSpec, { layer: unknown }>['layer'];

const WIDTH = 276;
const HEIGHT = 196;
// Fixed, not measured: the plots of one row line up, and all panels of a page have the same size.
const PADDING = { left: 56, right: 20, top: 26, bottom: 40 };

const isDrawn = ({ scale }: Axis, value: number): boolean => scale === 'linear' || value > 0;

/** The figures that the axes can show, with the band cut off at the floor of a logarithmic axis. */
const drawable = (points: readonly Point[], x: Axis, y: Axis) =>
  points
    .filter((point) => isDrawn(x, point.x) && isDrawn(y, point.value))
    .sort((a, b) => drawingOrder.indexOf(a.poller) - drawingOrder.indexOf(b.poller))
    .map(({ poller, series, x, value, low, high }) => {
      const bandLow = y.scale === 'log' && low < y.domain[0] ? y.domain[0] : low;
      const alone = !points.some(
        (other) => other.poller === poller && other.series === series && other.x !== x,
      );
      return { poller, series, x, value, low, high, bandLow, alone };
    });

const quantitative = (field: string, axis: Axis) => ({
  field,
  type: 'quantitative' as const,
  scale:
    axis.scale === 'log'
      ? { type: 'log' as const, domain: [...axis.domain], nice: false }
      : { type: 'linear' as const, domain: [...axis.domain], nice: false, zero: false },
});

const ticks = (axis: Axis) => ({
  labelExpr: labelExpr(axis.labels),
  ...(axis.scale === 'log' ? { values: logTicks(axis.domain) } : { tickCount: 5 }),
});

/**
 * A solid line with filled symbols for our own series, a dashed one with hollow symbols for the one beside
 * it.
 */
const seriesLayers = (series: Series, pollers: readonly PollerId[], y: Axis): Layers => {
  const ours = series === 'pollcost';
  const only = [{ filter: { field: 'series', equal: series } }];
  const value = quantitative('value', y);
  return [
    {
      transform: only,
      mark: { type: 'area', opacity: 0.22 },
      encoding: { y: quantitative('bandLow', y), y2: { field: 'high' } },
    },
    {
      // A band of one point has no width.
      transform: [...only, { filter: { field: 'alone', equal: true } }],
      mark: { type: 'rule', strokeWidth: 1.5 },
      encoding: { y: quantitative('bandLow', y), y2: { field: 'high' } },
    },
    {
      transform: only,
      mark: { type: 'line', strokeWidth: 1.75, ...(ours ? {} : { strokeDash: [5, 3] }) },
      encoding: { y: value },
    },
    {
      transform: only,
      mark: {
        type: 'point',
        size: 46,
        opacity: 1,
        strokeWidth: ours ? 0.75 : 1.5,
        ...(ours ? { filled: true, stroke: 'var(--paper)' } : { fill: 'var(--paper)' }),
      },
      encoding: {
        y: value,
        shape: {
          field: 'poller',
          type: 'nominal',
          scale: { domain: [...pollers], range: pollers.map((poller) => looks[poller].shape) },
          legend: null,
        },
      },
    },
  ];
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
export const linePanel = ({ title, metric, points, x, y, reference }: LinePanel): Panel => {
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
      color: {
        field: 'poller',
        type: 'nominal',
        scale: { domain: pollers, range: pollers.map(colourOf) },
        legend: null,
      },
    },
    layer: [
      ...(reference === undefined ? [] : [referenceLayer(reference, y)]),
      ...series.toReversed().flatMap((each) => seriesLayers(each, pollers, y)),
    ],
    config: chartConfig,
  };
  const omitted = points.length - shown.length;
  return { title, metric, xTitle: x.title, description, points, omitted, spec };
};
