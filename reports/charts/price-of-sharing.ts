import type { MeasuredCell } from '../../harness/results/run-schema.js';
import { manifest, type PollerName } from '../../pollers/manifest.js';
import { write, writeList, writeNumber } from '../figures.js';
import { type Axis, logAxis, logDomain } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, groupedBut, levelsOf, pointsOf, pollersOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'The price of sharing the file table with other threads';
const METRIC = 'cpuNsPerTurn';

/** Everything but the file table is the same; one condition, the one with most counts. */
const oneCondition = (cells: readonly MeasuredCell[]): MeasuredCell[] =>
  groupedBut(cells, 'watched', 'fileTable').sort(
    (a, b) => levelsOf(b, 'watched').length - levelsOf(a, 'watched').length,
  )[0] ?? [];

/** Shared minus private; the interval takes each side at its worst, so it is wider than a paired one. */
const addedBy = (own: readonly Point[], shared: readonly Point[]): Point[] =>
  shared.flatMap((point) => {
    const other = own.find(({ poller, x }) => poller === point.poller && x === point.x);
    if (!other) return [];
    const { value, low, high } = other;
    return [
      {
        ...point,
        series: 'pollcost' as const,
        value: point.value - value,
        low: point.low - high,
        high: point.high - low,
      },
    ];
  });

const captionOf = (added: readonly Point[]): string => {
  const most = Math.max(...added.map(({ x }) => x));
  const each = added.filter(({ x }) => x === most).map((point) => `${point.poller} ${write(point).value}`);
  return (
    'Where threads share the table, the kernel takes a reference to every file that it looks at; Node’s own threads are ' +
    `enough for that. With ${writeNumber(most)} watched fds sharing adds to a turn: ${writeList(each)}.`
  );
};

/** A turn in a process whose file table is its own, and in one that shares it, paired in the same process. */
export const priceOfSharing: Chart = (run) => {
  const cells = oneCondition(
    cellsWith(run, { experiment: 'file-table', series: 'pollcost', metric: METRIC }),
  );
  const of = (table: string) =>
    pointsOf(
      cells.filter(({ factors }) => factors.fileTable === table),
      METRIC,
      'watched',
    );
  const own = of('private');
  const shared = of('shared').map((point) => ({ ...point, series: 'shared' as const }));
  const added = addedBy(own, shared);
  if (added.length === 0) {
    return {
      status: 'absent',
      title: TITLE,
      reason: absence(run, 'file-table', 'turn with both file tables'),
    };
  }
  const all = [...own, ...shared];
  const x: Axis = logAxis(
    'watched fds',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('CPU time per turn', 'time', extentOf(all));
  const panels = pollersOf(all)
    .filter((poller, _, all) => !all.some((other) => isBeneath(other, poller)))
    .map((poller) => ({ title: poller, points: all.filter((point) => point.poller === poller) }));
  return {
    status: 'drawn',
    title: TITLE,
    caption: captionOf(added),
    conditions: `nothing ready, returns at once · ${conditionsOf(run, cells, METRIC)}, of the difference with each side at its worst`,
    description: 'CPU time of one turn with a private and with a shared file table, and the difference.',
    beside: 'file table shared with threads',
    panels: [
      ...panels.map((panel) => linePanel({ ...panel, metric: METRIC, x, y })),
      linePanel({
        title: 'Added to one turn by sharing',
        metric: `${METRIC}, shared - private`,
        points: added,
        x,
        y: {
          ...y,
          title: 'shared minus private',
          domain: logDomain(added.flatMap(({ value, high }) => [value, high])),
        },
      }),
    ],
  };
};

/** Where two of the usual ones make the same call, the upper one lies on the other and says nothing more. */
function isBeneath(lower: PollerName, upper: PollerName): boolean {
  const [below, above] = [manifest[lower], manifest[upper]];
  if (!below || !above) return false;
  return below.isUsual && below.call === above.call && below.look.layer < above.look.layer;
}
