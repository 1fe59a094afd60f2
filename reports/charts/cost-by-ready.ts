import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { type Axis, fromZero, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, groupedBut, inUsualConditions, levelsOf, pointsOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What a turn costs, by how many fds are ready';
const METRIC = 'cpuNsPerTurn';

interface Group {
  readonly title: string;
  readonly cells: readonly MeasuredCell[];
}

const standing = (run: Run): MeasuredCell[] =>
  inUsualConditions(
    cellsWith(run, {
      experiment: 'ready-fds',
      series: 'pollcost',
      metric: METRIC,
      where: ({ life }) => life === 'standing',
    }),
  );

/** Sweeps over the ready ones of a fixed count, then all of a rising count. */
const groupsOf = (cells: readonly MeasuredCell[]): Group[] => {
  const sweeps = groupedBut(cells, 'ready', 'position')
    .filter((group) => levelsOf(group, 'ready').length > 1)
    .map((group) => ({
      title: `Some of ${writeNumber(Number(group[0]?.factors.watched))} watched fds are ready`,
      cells: group,
    }));
  const all = cells.filter(({ factors }) => factors.ready === factors.watched);
  const whole = groupedBut(all, 'ready', 'watched', 'position').filter(
    (group) => levelsOf(group, 'ready').length > 1,
  );
  return [...sweeps, ...whole.map((group) => ({ title: 'All watched fds are ready', cells: group }))];
};

const captionOf = (run: Run): string => {
  const ratios = quote(run, 'pay-for-ready', [
    ['select', 'selectCost200Over100'],
    ['poll', 'pollCost200Over100'],
    ['epoll', 'epollCost200Over100'],
  ]);
  return (
    'Where a line starts flat, the idle fds are paid for whether or not others are ready; where it starts low and climbs, ' +
    'only the ready ones are.' +
    (ratios && ` Watching 200 instead of 100 with the same 100 ready makes a turn cost: ${ratios}.`)
  );
};

/** CPU time of a turn against the number of ready fds, readiness left standing. */
export const costByReady: Chart = (run) => {
  const groups = groupsOf(standing(run));
  if (groups.length === 0) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'ready-fds', 'sweep of ready fds') };
  }
  const drawn = groups.map(({ title, cells }) => ({ title, points: pointsOf(cells, METRIC, 'ready') }));
  const all: Point[] = drawn.flatMap(({ points }) => points);
  const x: Axis = fromZero(
    'ready fds',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('CPU time per turn', 'time', extentOf(all));
  return {
    status: 'drawn',
    title: TITLE,
    caption: captionOf(run),
    conditions: `ready and left so · returns at once · ${conditionsOf(
      run,
      groups.flatMap(({ cells }) => cells),
      METRIC,
    )}`,
    description: 'CPU time of one turn against the number of ready fds, per poller.',
    panels: drawn.map((panel) => linePanel({ ...panel, metric: METRIC, x, y })),
  };
};
