import type { Run } from '../../harness/results/run-schema.js';
import { type Axis, logAxis } from './axis.js';
import { absence, extentOf, pollersOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { quote } from './effects.js';
import { ledgerCells } from './ledger-cells.js';
import { linePanel } from './line-panel.js';

const TITLE = 'All bytes for a few sockets';
const MOST = 16;
/** What few-sockets-memory adds up. */
const SUM = ['userBytes', 'kernelPersistentBytes', 'kernelBlockedBytes'] as const;

const totals = (run: Run): Point[] =>
  ledgerCells(run, 'computed').flatMap(({ poller, series, flags, factors, metrics }) => {
    const x = Number(factors.watched);
    const parts = SUM.flatMap((name) => metrics[name] ?? []);
    if (x > MOST || parts.length < SUM.length) return [];
    const sum = (of: (figure: (typeof parts)[number]) => number) =>
      parts.reduce((total, part) => total + of(part), 0);
    return [
      {
        poller,
        series,
        x,
        flags,
        unit: 'bytes' as const,
        value: sum(({ value }) => value),
        low: sum(({ low }) => low),
        high: sum(({ high }) => high),
      },
    ];
  });

/** Handed over, kept by the kernel and taken while blocked, together, for up to sixteen sockets. */
export const memoryOfFew: Chart = (run) => {
  const found = totals(run);
  if (found.length === 0)
    return { status: 'absent', title: TITLE, reason: absence(run, 'memory', 'small set') };
  const points = pollersOf(found).flatMap((poller) => found.filter((point) => point.poller === poller));
  const x: Axis = { title: 'watched fds', scale: 'linear', labels: 'count', domain: [0, MOST] };
  const y: Axis = logAxis('bytes, user and kernel', 'bytes', extentOf(points));
  const most = quote(run, 'few-sockets-memory', [['', 'mostSocketsWithSelectSmaller']]).trim();
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'epoll pays for its instance, with a file, before the first fd. A call of select or poll that blocks takes a whole page ' +
      `from the tenth fd on.${most && ` Most sockets for which select takes less: ${most}.`}`,
    conditions: 'computed from the layouts of this kernel’s structures, not measured',
    description: 'Bytes of user space and kernel together against up to sixteen watched fds, per poller.',
    panels: [
      linePanel({
        title: 'Handed over, kept, and taken while blocked',
        metric: SUM.join(' + '),
        points,
        x,
        y,
      }),
    ],
  };
};
