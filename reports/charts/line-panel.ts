import type { TopLevelSpec } from 'vega-lite';
import { write, writeNumber } from '../figures.js';
import { chartConfig } from '../theme/chart-config.js';
import { layerOf, type PollerId } from '../theme/pollers.js';
import { type Axis, spanInWords } from './axis.js';
import { pollersOf } from './cells.js';
import { colours, type Layers, quantitative, shapes, symbol, ticks } from './channels.js';
import type { Line, Panel, Point } from './chart.js';
import { type Limits, limitLayers } from './limits.js';
import { labelLayer, lineEnds } from './line-labels.js';

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
  /** What lies behind the lines. */
  readonly behind?: Layers;
  /** Where the rule of a verdict wants the figures. */
  readonly limits?: readonly Limits[];
  /** A picture of its own width and height, where one is to be larger than the small multiples. */
  readonly size?: { readonly width: number; readonly height: number };
}

export const WIDTH = 248;
export const HEIGHT = 196;
// Fixed, not measured: the plots of one row line up, and all panels of a page have the same size.
export const PADDING = { left: 56, right: 80, top: 26, bottom: 44 };
/** With fewer figures than this a band would pretend to know what lies between them. */
const ENOUGH_FOR_A_BAND = 5;

const isDrawn = ({ scale }: Axis, value: number): boolean => scale !== 'log' || value > 0;

/** The figures that the axes can show, with bands cut off where a logarithmic axis ends. */
const drawable = ({ points, x: across, y, behind }: LinePanel) =>
  points
    .filter((point) => isDrawn(across, point.x) && isDrawn(y, point.value))
    .sort((a, b) => layerOf(a.poller) - layerOf(b.poller))
    .map((point) => {
      const { poller, series, x, value, low, high } = point;
      const bandLow = y.scale === 'log' && low < y.domain[0] ? y.domain[0] : low;
      const bandHigh = y.scale === 'log' ? Math.min(high, y.domain[1]) : high;
      const line = points.filter((other) => other.poller === poller && other.series === series);
      // On a map a band would be taken for a part of it.
      const band = !behind && new Set(line.map((other) => other.x)).size >= ENOUGH_FOR_A_BAND;
      const words = pointInWords(point, across.title);
      return { poller, series, x, value, bandLow, bandHigh, band, cut: low < bandLow, words };
    });

/** What a figure says when it is pointed at. */
export const pointInWords = ({ poller, x, label, ...figure }: Point, xTitle = ''): string => {
  const { value, interval } = write(figure);
  const place = label ?? `${xTitle} ${writeNumber(x, Number.isInteger(x) ? 0 : 3)}`;
  return `${place}${poller && `, ${poller}`}: ${value}${interval && ` ${interval}`}`;
};

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
      transform: [...only, { filter: { field: 'band', equal: true } }],
      mark: { type: 'area', opacity: ours ? 0.22 : 0.12 },
      encoding: { y: quantitative('bandLow', y), y2: { field: 'bandHigh' } },
    },
    {
      transform: [...only, { filter: { field: 'band', equal: false } }],
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
    {
      transform: only,
      mark: { ...symbol(ours), aria: true },
      encoding: { y: value, shape: shapes(pollers), description: { field: 'words', type: 'nominal' } },
    },
    {
      // The interval goes on below where the axis ends.
      transform: [...only, { filter: { field: 'cut', equal: true } }],
      mark: { type: 'text', text: '↓', baseline: 'bottom', fontSize: 13 },
      encoding: { y: quantitative('bandLow', y) },
    },
  ];
  return [...(scattered ? whiskers : lines), ...symbols];
};

const referenceLayer = (level: number, y: Axis): Layers[number] => ({
  data: { values: [{ level }] },
  mark: { type: 'rule', color: 'var(--soft)', strokeDash: [2, 3] },
  encoding: {
    x: { value: 0 },
    x2: { value: 'width' },
    color: { value: 'var(--soft)' },
    y: quantitative('level', y),
  },
});

/**
 * One of the small multiples: a line with its interval as a band and a symbol at each figure, poller by
 * poller.
 */
export const linePanel = (panel: LinePanel): Panel => {
  const { title, metric, points, x, y, reference, scattered, limits = [] } = panel;
  const size = panel.size ?? { width: WIDTH, height: HEIGHT };
  const shown = drawable(panel);
  const series = [...new Set(shown.map((point) => point.series))];
  const description = `${title}. Across: ${spanInWords(x)}. Up: ${spanInWords(y)}.`;
  const pollers = pollersOf(points);
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    ...size,
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
      ...(panel.behind ?? []),
      ...limitLayers(limits, y),
      ...(reference === undefined ? [] : [referenceLayer(reference, y)]),
      ...series.toReversed().flatMap((each) => seriesLayers(each, pollers, y, scattered === true)),
      ...(scattered || pollers.length < 2 ? [] : labelLayer(lineEnds(shown, x, y, size))),
    ],
    config: chartConfig,
  };
  const omitted = points.length - shown.length;
  return { title, metric, xTitle: x.title, xLabels: x.labels, description, points, omitted, spec };
};
