import type { TopLevelSpec } from 'vega-lite';
import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeCount, writeNumber, writeValue } from '../figures.js';
import { chartConfig } from '../theme/chart-config.js';
import { colourOf, inOrder } from '../theme/pollers.js';
import { type Axis, spanInWords } from './axis.js';
import { absence, levelsOf } from './cells.js';
import { quantitative, ticks } from './channels.js';
import type { Chart, Panel, Point, Shade } from './chart.js';
import { ledgerCells, type Place, places } from './ledger-cells.js';
import { PADDING, pointInWords, WIDTH } from './line-panel.js';

const TITLE = 'All of a poller’s memory, place by place';
const COUNTS = [10, 1000];
const ROW = 22;
const LABELS = 116;

/** From what the program has to what the kernel takes only while a call blocks. */
const OPACITY: Readonly<Record<Place, number>> = {
  userBytes: 1,
  userCopyBytes: 0.72,
  kernelPersistentBytes: 0.48,
  kernelBlockedBytes: 0.24,
  socketBytes: 0.6,
};
const STACKED = (Object.keys(places) as Place[]).filter((place) => place !== 'socketBytes');

interface Part {
  readonly point: Point;
  readonly row: string;
  readonly from: number;
  readonly to: number;
  readonly opacity: number;
  readonly isRead: boolean;
}

const pointAt = (cell: MeasuredCell, place: Place, row: number, over: number): Point | undefined => {
  const figure = cell.metrics[place];
  if (!figure) return undefined;
  const { value, low, high, unit } = figure;
  const isRead = cell.factors.source === 'read';
  return {
    poller: place === 'socketBytes' ? '' : cell.poller,
    series: isRead ? 'read' : 'pollcost',
    x: row,
    label: `${places[place]}${isRead ? ', read' : ''}`,
    ...{ value: value / over, low: low / over, high: high / over, unit, flags: [] },
  };
};

/** The places of one cell end to end. */
const stackOf = (cell: MeasuredCell, listed: readonly Place[], over: number): Part[] => {
  const isRead = cell.factors.source === 'read';
  const name = listed.includes('socketBytes') ? 'its socket' : cell.poller;
  let at = 0;
  return listed.flatMap((place) => {
    const row = (Object.keys(places) as Place[]).indexOf(place) * 2 + Number(isRead);
    const point = pointAt(cell, place, row, over);
    if (!point) return [];
    const from = at;
    at += point.value;
    return [{ point, row: isRead ? `${name}, read` : name, from, to: at, opacity: OPACITY[place], isRead }];
  });
};

const stackPanel = (title: string, parts: readonly Part[], labels: string): Panel => {
  const x: Axis = {
    title: labels,
    scale: 'linear',
    labels: 'bytes',
    domain: [0, 1.04 * Math.max(1, ...parts.map(({ to }) => to))],
  };
  const rows = [...new Set(parts.map(({ row }) => row))];
  const description = `${title}. Bars from end to end. Across: ${spanInWords(x)}.`;
  const values = parts.map(({ point, row, from, to, opacity, isRead }) => ({
    ...{ row, from, to, opacity, value: point.value, poller: point.poller, ink: colourOf(point.poller) },
    dash: isRead ? [3, 2] : [1, 0],
    words: `${row}, ${point.label}: ${pointInWords({ ...point, label: '' }).replace(/^[^:]*: /, '')}`,
  }));
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    width: WIDTH,
    height: rows.length * ROW,
    padding: { ...PADDING, left: LABELS, right: 26, top: 4 },
    autosize: { type: 'none' },
    data: { values },
    mark: { type: 'bar', aria: true, strokeWidth: 1, height: { band: 0.72 } },
    encoding: {
      x: { ...quantitative('from', x), axis: { ...ticks(x), title: labels, titlePadding: 8 } },
      x2: { field: 'to' },
      y: {
        field: 'row',
        type: 'nominal',
        sort: rows,
        axis: { title: null, domain: false, ticks: false, labelLimit: 2 * LABELS },
      },
      fill: { field: 'ink', type: 'nominal', scale: null },
      stroke: { field: 'ink', type: 'nominal', scale: null },
      fillOpacity: { field: 'opacity', type: 'quantitative', scale: null },
      strokeDash: { field: 'dash', type: 'nominal', scale: null },
      description: { field: 'words', type: 'nominal' },
    },
    config: chartConfig,
  };
  const points = parts.map(({ point }) => point);
  return { title, metric: 'bytes', xTitle: 'place', xLabels: 'count', description, points, omitted: 0, spec };
};

/** Computed and read under each other, poller by poller. */
const cellsAt = (run: Run, watched: number): MeasuredCell[] => {
  const cells = [...ledgerCells(run, 'computed'), ...ledgerCells(run, 'read')].filter(
    ({ factors }) => factors.watched === watched,
  );
  return inOrder(cells.map(({ poller }) => poller)).flatMap((poller) =>
    cells.filter((cell) => cell.poller === poller),
  );
};

const besideTheSocket = (run: Run, watched: number): Panel[] => {
  const cells = cellsAt(run, watched).filter(({ factors }) => factors.source === 'computed');
  const [first] = cells;
  const socket = first ? stackOf(first, ['socketBytes'], watched) : [];
  if (socket.length === 0) return [];
  const parts = [...cells.flatMap((cell) => stackOf(cell, STACKED, watched)), ...socket];
  return [stackPanel(`For one of ${writeNumber(watched)}, beside its socket`, parts, 'bytes for one')];
};

const shadesOf = (isAssumed: boolean, isRead: boolean): Shade[] => [
  ...STACKED.map((place) => ({ label: places[place], opacity: OPACITY[place] })),
  {
    label: isAssumed ? 'assumed, from the sizes of another kernel' : 'computed, from this kernel’s sizes',
    opacity: 0,
  },
  ...(isRead ? [{ label: 'read of the running kernel', opacity: 0, isDashed: true as const }] : []),
];

/** Who keeps the most in the kernel for each connection, and what that connection takes itself. */
const captionOf = (run: Run, watched: number): string => {
  const keptBy = ({ metrics }: MeasuredCell): number => metrics.kernelPersistentBytes?.value ?? 0;
  const [most] = cellsAt(run, watched)
    .filter(({ factors }) => factors.source === 'computed')
    .sort((a, b) => keptBy(b) - keptBy(a));
  const socket = most?.metrics.socketBytes?.value ?? 0;
  if (!most || keptBy(most) === 0 || socket === 0) return '';
  const each = (bytes: number) => writeValue(bytes / watched, 'bytes');
  return (
    ` With ${writeNumber(watched)} connections ${most.poller} keeps the most in the kernel, ${each(keptBy(most))} for each, ` +
    `beside ${each(socket)} that the connection itself takes.`
  );
};

/** User and kernel, for good and while blocked, stacked; computed and read as bars of their own, and the socket beside it. */
export const memoryStacks: Chart = (run) => {
  const all = [...ledgerCells(run, 'computed'), ...ledgerCells(run, 'read')];
  if (all.length === 0) return { status: 'absent', title: TITLE, reason: absence(run, 'memory', 'ledger') };
  const known = levelsOf(all, 'watched');
  const counts = [...new Set([...COUNTS.filter((count) => known.includes(count)), known.at(-1) as number])];
  const most = counts.includes(1000) ? 1000 : (counts.at(-1) as number);
  const isRead = all.some(({ factors }) => factors.source === 'read');
  const isAssumed = run.environment.btf === false;
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'From dark to pale: what the program hands over, its own copies, what the kernel keeps, and what it takes only while a call ' +
      `blocks.${captionOf(run, most)}`,
    conditions: `${isAssumed ? 'assumed from the sizes of Linux 6.18 on x64' : 'computed from the layouts of this kernel’s structures'}${isRead ? ' · dashed bars: read of the running kernel' : ' · nothing was read of the running kernel'}`,
    description:
      'Bytes by place for several counts of watched fds, per poller, and the connection’s own socket beside them.',
    names: { '': 'its socket' },
    shades: shadesOf(isAssumed, isRead),
    panels: [
      ...counts.map((watched) =>
        stackPanel(
          writeCount(watched, 'watched fd'),
          cellsAt(run, watched).flatMap((cell) => stackOf(cell, STACKED, 1)),
          'bytes in all',
        ),
      ),
      ...besideTheSocket(run, most),
    ],
  };
};
