import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeList, writeNumber } from '../figures.js';
import { logAxis } from './axis.js';
import { conditionInWords, conditionsOf } from './captions.js';
import { absence, cellsWith, groupedBut, inUsualConditions, pointsOf, pollersOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'Finding out which fd is ready';
const EXAMINED = 'fdsExamined';
const SCAN = 'scanNsPerTurn';

const distinct = (cells: readonly MeasuredCell[]): number =>
  new Set(cells.map(({ factors }) => factors.watched)).size;

/**
 * One condition with one fd ready: the one that was swept over most counts, the last fd rather than the
 * first.
 */
const cellsOf = (run: Run): MeasuredCell[] => {
  const cells = cellsWith(run, {
    experiment: 'watched-fds',
    series: 'pollcost',
    metric: EXAMINED,
    where: ({ ready, timeout }) => ready === 1 && timeout !== 'slept',
  });
  const last = cells.filter(({ factors }) => factors.position === 'last');
  const groups = groupedBut(inUsualConditions(last.length > 0 ? last : cells), 'watched');
  return groups.sort((a, b) => distinct(b) - distinct(a))[0] ?? [];
};

const captionOf = (examined: readonly Point[]): string => {
  const looks = pollersOf(examined).flatMap((poller) => {
    const most = examined.findLast((point) => point.poller === poller);
    return most ? [`${poller} ${writeNumber(most.value)} of ${writeNumber(most.x)}`] : [];
  });
  return (
    'When the call returns, one fd is ready; how many entries must be looked at to find it? ' +
    `At the greatest count of each: ${writeList(looks)}. For select an entry is one word of its bitmap.`
  );
};

/** What is looked at in user space after the system call has returned, as a count and as time. */
export const userSpaceScan: Chart = (run) => {
  const cells = cellsOf(run);
  const [first] = cells;
  if (!first) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'watched-fds', 'turn with one fd ready') };
  }
  const examined = pointsOf(cells, EXAMINED, 'watched');
  const scan = pointsOf(cells, SCAN, 'watched');
  const bounds = (points: readonly Point[]) => points.flatMap(({ value, low, high }) => [value, low, high]);
  const x = logAxis(
    'watched fds',
    'count',
    examined.map((point) => point.x),
  );
  const panels = [
    linePanel({
      title: 'Looked at after the call',
      metric: EXAMINED,
      points: examined,
      x,
      y: logAxis('entries looked at', 'count', bounds(examined)),
    }),
  ];
  if (scan.length > 0) {
    panels.push(
      linePanel({
        title: 'Time that the walk takes',
        metric: SCAN,
        points: scan,
        x,
        y: logAxis('CPU time per turn', 'time', bounds(scan)),
      }),
    );
  }
  return {
    status: 'drawn',
    title: TITLE,
    caption: captionOf(examined),
    conditions: `${conditionInWords(first.factors)} · ${conditionsOf(run, cells, EXAMINED)}`,
    description:
      'Entries examined in user space after the call, and the time for it, against the count of watched fds.',
    panels,
  };
};
