import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { type Axis, logAxis } from './axis.js';
import { absence, extentOf, pointsOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { quote } from './effects.js';
import { ledgerCells } from './ledger-cells.js';
import { linePanel } from './line-panel.js';

const TITLE = 'Bytes for each watched fd';
const panelsWanted = [
  { title: 'In the kernel, for good', metric: 'kernelPersistentBytes' },
  { title: 'In the kernel, while a call blocks', metric: 'kernelBlockedBytes' },
  { title: 'Handed to the kernel by the program', metric: 'userBytes' },
  { title: 'The poller’s own copies', metric: 'userCopyBytes' },
] as const;

const perFd = (cells: readonly MeasuredCell[], metric: string): Point[] =>
  pointsOf(cells, metric, 'watched').map((point) => ({
    ...point,
    series: cells[0]?.factors.source === 'read' ? ('read' as const) : ('pollcost' as const),
    value: point.value / point.x,
    low: point.low / point.x,
    high: point.high / point.x,
  }));

const pointsFor = (run: Run, metric: string): Point[] => [
  ...perFd(ledgerCells(run, 'computed'), metric),
  ...perFd(ledgerCells(run, 'read'), metric),
];

/** Memory over the number of watched fds, place by place, computed and as read of the kernel. */
export const memoryPerFd: Chart = (run) => {
  const panels = panelsWanted
    .map(({ title, metric }) => ({ title, metric, points: pointsFor(run, metric) }))
    .filter(({ points }) => points.some(({ value }) => value > 0));
  if (panels.length === 0)
    return { status: 'absent', title: TITLE, reason: absence(run, 'memory', 'ledger') };
  const all = panels.flatMap(({ points }) => points);
  const x: Axis = logAxis(
    'watched fds',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('bytes per watched fd', 'bytes', extentOf(all));
  const epoll = quote(run, 'epoll-20-bytes', [
    ['computed', 'kernelBytesPerFdComputed'],
    ['read', 'kernelBytesPerFdRead'],
  ]);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'epoll pays once for each fd, and for good; select and poll pay while they block, and hand over everything at every call.' +
      (epoll && ` One more fd costs epoll: ${epoll}.`),
    conditions: `Linux ${run.environment.kernel}, ${run.environment.arch} · filled: computed from the layouts of this kernel’s structures, not measured`,
    description: 'Bytes per watched fd against the number of watched fds, by place and poller.',
    beside: 'read of the running kernel',
    panels: panels.map((panel) => linePanel({ ...panel, x, y })),
  };
};
