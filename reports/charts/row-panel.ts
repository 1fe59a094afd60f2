import type { TopLevelSpec } from 'vega-lite';
import { chartConfig } from '../theme/chart-config.js';
import { type Axis, spanInWords } from './axis.js';
import { pollersOf } from './cells.js';
import { colours, type Layers, quantitative, shapes, symbol, ticks } from './channels.js';
import type { Panel, Point } from './chart.js';
import { PADDING, pointInWords, WIDTH } from './line-panel.js';

interface RowPanel {
  readonly title: string;
  readonly metric: string;
  /** What the rows are ("phase of the beats"). */
  readonly rowTitle: string;
  /** Each with the `label` of its row; rows stand in the order of their points' `x`. */
  readonly points: readonly Point[];
  readonly x: Axis;
  /** A level to compare with: 0 of a difference, 1 of a ratio. */
  readonly reference?: number;
}

/** The room for labels: those of up to twenty-one characters have it. */
const LABELS = 132;
const ROW_OF_ONE = 16;
const BETWEEN_ROWS = 12;

const isDrawn = ({ scale }: Axis, { value }: Point): boolean => scale !== 'log' || value > 0;

const MOST_LETTERS = 21;

/** What stands before each row: its label, or so much of it as there is room for, and a number where two would look alike. */
const namesOf = (labels: readonly string[]): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const label of labels) {
    const cut = label.length <= MOST_LETTERS ? label : `${label.slice(0, MOST_LETTERS - 4)}…`;
    const alike = [...names.values()].filter((name) => name.startsWith(cut)).length;
    names.set(label, alike === 0 || cut === label ? cut : `${cut} ${alike + 1}`);
  }
  return names;
};

const drawable = (points: readonly Point[], x: Axis, names: ReadonlyMap<string, string>) =>
  points
    .filter((point) => isDrawn(x, point))
    .map((point) => ({ ...point, words: pointInWords(point) }))
    .map(({ poller, series, label = '', value, low, high, words }) => ({
      words,
      poller,
      series,
      row: names.get(label) ?? label,
      value,
      low: x.scale === 'log' && low < x.domain[0] ? x.domain[0] : low,
      high,
      cut: x.scale === 'log' && low < x.domain[0],
      ours: series === 'pollcost',
    }));

const symbols = (ours: boolean, pollers: ReturnType<typeof pollersOf>, x: Axis): Layers[number] => ({
  transform: [{ filter: { field: 'ours', equal: ours } }],
  mark: { ...symbol(ours), aria: true },
  encoding: {
    x: quantitative('value', x),
    shape: shapes(pollers),
    description: { field: 'words', type: 'nominal' },
  },
});

const referenceLayer = (level: number, x: Axis): Layers[number] => ({
  data: { values: [{ level }] },
  mark: { type: 'rule', color: 'var(--soft)', strokeDash: [2, 3] },
  encoding: {
    y: { value: 0 },
    y2: { value: 'height' },
    yOffset: { value: 0 },
    color: { value: 'var(--soft)' },
    x: quantitative('level', x),
  },
});

/** One row for each condition that has a name and no number: symbols with their intervals, poller below poller. */
export const rowPanel = ({ title, metric, rowTitle, points, x, reference }: RowPanel): Panel => {
  const labels = [...new Set([...points].sort((a, b) => a.x - b.x).map(({ label }) => label ?? ''))];
  const names = namesOf(labels);
  const rows = [...names.values()];
  const shown = drawable(points, x, names);
  const pollers = pollersOf(points);
  const inOneRow = Math.max(
    1,
    ...labels.map((row) => pollersOf(points.filter((p) => p.label === row)).length),
  );
  const description = `${title}. A row for each ${rowTitle}: ${labels.join(', ')}. Across: ${spanInWords(x)}.`;
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    width: WIDTH + PADDING.left + PADDING.right - 20 - LABELS,
    height: rows.length * (inOneRow * ROW_OF_ONE + BETWEEN_ROWS),
    padding: { ...PADDING, left: LABELS, right: 20, top: 8 },
    autosize: { type: 'none' },
    data: { values: shown },
    encoding: {
      y: {
        field: 'row',
        type: 'nominal',
        sort: rows,
        scale: { domain: rows, paddingInner: 0.2, paddingOuter: 0.1 },
        axis: {
          title: null,
          domain: false,
          ticks: false,
          // Vega takes letters for wider than they are.
          labelLimit: 2 * LABELS,
          grid: false,
        },
      },
      yOffset: { field: 'poller', type: 'nominal', sort: pollers, scale: { domain: pollers } },
      color: colours(pollers),
    },
    layer: [
      ...(reference === undefined ? [] : [referenceLayer(reference, x)]),
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.45 },
        encoding: {
          x: { ...quantitative('low', x), axis: { ...ticks(x), title: x.title, titlePadding: 8 } },
          x2: { field: 'high' },
        },
      },
      ...[false, true]
        .filter((ours) => shown.some((each) => each.ours === ours))
        .map((ours) => symbols(ours, pollers, x)),
      {
        // The interval goes on where the axis ends.
        transform: [{ filter: { field: 'cut', equal: true } }],
        mark: { type: 'text', text: '←', align: 'left', baseline: 'middle', fontSize: 13 },
        encoding: { x: quantitative('low', x) },
      },
    ],
    config: chartConfig,
  };
  return {
    title,
    metric,
    xTitle: rowTitle,
    xLabels: 'count',
    description,
    points,
    omitted: points.length - shown.length,
    spec,
  };
};
