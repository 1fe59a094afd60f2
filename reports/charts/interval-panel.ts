import type { TopLevelSpec } from 'vega-lite';
import { write } from '../figures.js';
import { chartConfig } from '../theme/chart-config.js';
import { type Axis, domainFromZero, linearDomain, logAxis, spanInWords } from './axis.js';
import { pollersOf } from './cells.js';
import { colours, type Layers, quantitative, shapes, symbol, ticks } from './channels.js';
import type { Panel, Point } from './chart.js';
import { endsOf, type Limits, within } from './limits.js';

/** A row of the panel: a figure with the limits that its rule has for it. */
export interface Row extends Point {
  readonly label: string;
  readonly limits?: Limits | undefined;
}

interface IntervalPanel {
  readonly title: string;
  readonly metric: string;
  readonly rows: readonly Row[];
  /** What the axis counts. */
  readonly axis: string;
  readonly labels: Axis['labels'];
}

const WIDTH = 348;
const ROW = 54;
const PADDING = { left: 12, right: 32, top: 4, bottom: 40 };
const MOST_LETTERS = 58;
const MOST_LINES = 2;
const WIDE = 5;

const MOST_WIDE = 10;

/** What the axis has to show: all figures, limits and intervals, but those beside the rule that are far wider than all of it. */
const endsFor = (rows: readonly Row[]): number[] => {
  const all = ({ value, low, high, limits }: Row) => [value, low, high, ...(limits ? endsOf(limits) : [])];
  const ruled = rows.filter(({ limits }) => limits);
  if (ruled.length === 0) return rows.flatMap(all);
  const needed = [...ruled.flatMap(all), ...rows.map(({ value }) => value)];
  const width = Math.max(...needed) - Math.min(...needed);
  const isShown = ({ low, high }: Row) => high - low <= MOST_WIDE * width;
  return [...needed, ...rows.filter(isShown).flatMap(all)];
};

/** An axis on which figures and limits are to be seen; logarithmic where they lie far apart. */
const axisFor = ({ rows, axis: title, labels }: IntervalPanel): Axis => {
  const ends = endsFor(rows);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  // Around a single figure there is no width of its own to magnify.
  if (least === most)
    return { title, scale: 'linear', labels, domain: least === 0 ? [0, 1] : linearDomain(ends, 0) };
  if (least > 0 && most > WIDE * least) return logAxis(title, labels, ends);
  const sizes = ends.map(Math.abs).filter((size) => size > 0);
  const linearTo = Math.min(...sizes);
  if (least >= 0 && sizes.length > 0 && most > 100 * linearTo)
    return {
      title,
      scale: 'symlog',
      labels,
      domain: domainFromZero(ends),
      linearTo: Math.max(linearTo, most / 1e6),
    };
  return {
    title,
    scale: 'linear',
    labels,
    domain: linearDomain(ends, least < 0 ? least : Math.min(least, most)),
  };
};

/** A label in two lines at most; what has no room is cut, and the table has it whole. */
export const inLines = (label: string): string[] => {
  const lines: string[] = [''];
  for (const word of label.split(' ')) {
    const last = lines.at(-1) as string;
    const longer = last === '' ? word : `${last} ${word}`;
    if (longer.length <= MOST_LETTERS || last === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const shown = lines.slice(0, MOST_LINES).map((line) => line.slice(0, MOST_LETTERS));
  const isWhole = shown.join(' ') === label;
  return isWhole ? shown : [...shown.slice(0, -1), `${shown.at(-1)?.slice(0, MOST_LETTERS - 1)}…`];
};

const shown = (rows: readonly Row[], axis: Axis) =>
  rows.map(({ label, poller, limits, series, ...figure }, row) => {
    const { value, low, high } = figure;
    const { value: written, interval } = write(figure);
    const told = `${written}${interval && ` ${interval}`}`;
    return {
      row,
      poller,
      label: inLines(label),
      value,
      low: Math.max(low, axis.domain[0]),
      high: Math.min(high, axis.domain[1]),
      ours: series === 'pollcost',
      isBelow: low < axis.domain[0],
      isAbove: high > axis.domain[1],
      words: `${label}: ${told}`,
      ...(limits ? { ...within(limits, axis.domain), ruled: true } : { ruled: false }),
    };
  });

const BELOW_THE_LABEL = 16;

/** The interval goes on where the axis ends. */
const arrow = (field: 'isBelow' | 'isAbove', axis: Axis): Layers[number] => ({
  transform: [{ filter: { field, equal: true } }],
  mark: {
    type: 'text',
    text: field === 'isBelow' ? '←' : '→',
    align: field === 'isBelow' ? 'left' : 'right',
    baseline: 'middle',
    fontSize: 13,
    yOffset: BELOW_THE_LABEL,
  },
  encoding: { x: quantitative(field === 'isBelow' ? 'low' : 'high', axis) },
});

const ruleLayers = (rows: readonly Row[], axis: Axis): Layers => [
  {
    transform: [{ filter: { field: 'ruled', equal: true } }],
    mark: { type: 'rect', height: 13, yOffset: BELOW_THE_LABEL, opacity: 0.2 },
    encoding: { x: quantitative('from', axis), x2: { field: 'to' }, color: { value: 'var(--rule-inside)' } },
  },
  {
    data: {
      values: rows.flatMap(({ limits }, row) =>
        (limits ? endsOf(limits) : []).map((limit) => ({ row, limit })),
      ),
    },
    mark: {
      type: 'tick',
      thickness: 1.5,
      height: 17,
      yOffset: BELOW_THE_LABEL,
      orient: 'vertical',
      opacity: 1,
    },
    encoding: { x: quantitative('limit', axis), color: { value: 'var(--rule-inside)' } },
  },
];

/** Figures below each other, each with its interval and the limits that its rule has for it. */
export const intervalPanel = (panel: IntervalPanel): Panel => {
  const { title, metric, rows } = panel;
  const axis = axisFor(panel);
  const pollers = pollersOf(rows);
  const values = shown(rows, axis);
  const description = `${title}. ${rows.length} figures with their intervals. Across: ${spanInWords(axis)}.`;
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    width: WIDTH,
    height: rows.length * ROW,
    padding: PADDING,
    autosize: { type: 'none' },
    data: { values },
    encoding: {
      y: {
        field: 'row',
        type: 'ordinal',
        axis: null,
        scale: { domain: values.map(({ row }) => row), paddingInner: 0, paddingOuter: 0 },
      },
      color: colours(pollers),
    },
    layer: [
      ...(rows.some(({ limits }) => limits) ? ruleLayers(rows, axis) : []),
      {
        mark: { type: 'rule', strokeWidth: 2, yOffset: BELOW_THE_LABEL },
        encoding: {
          x: { ...quantitative('low', axis), axis: { ...ticks(axis), title: axis.title, titlePadding: 8 } },
          x2: { field: 'high' },
        },
      },
      ...(['isBelow', 'isAbove'] as const)
        .filter((field) => values.some((each) => each[field]))
        .map((field) => arrow(field, axis)),
      ...[false, true]
        .filter((ours) => values.some((each) => each.ours === ours))
        .map((ours): Layers[number] => ({
          transform: [{ filter: { field: 'ours', equal: ours } }],
          mark: { ...symbol(ours), aria: true, yOffset: BELOW_THE_LABEL },
          encoding: {
            x: quantitative('value', axis),
            shape: shapes(pollers),
            description: { field: 'words', type: 'nominal' },
          },
        })),
      {
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'top',
          fontSize: 11.5,
          lineHeight: 13,
          yOffset: -ROW / 2 + 3,
        },
        encoding: {
          x: { value: 0 },
          text: { field: 'label', type: 'nominal' },
          color: { value: 'var(--ink)' },
        },
      },
    ],
    config: chartConfig,
  };
  return { title, metric, xTitle: 'figure', xLabels: 'count', description, points: rows, omitted: 0, spec };
};
