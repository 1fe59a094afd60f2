import { writeNumber } from '../figures.js';
import { logAxis } from './axis.js';
import { conditionInWords, conditionsOf, growth, growthInWords } from './captions.js';
import { absence, cellsWith, extentOf, groupedBut, inUsualConditions, pointsOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What a turn costs, by how many fds it watches';
const METRIC = 'cpuNsPerTurn';
const SIZE = { width: 316, height: 236 };

const counts = (points: readonly Point[]): number => new Set(points.map(({ x }) => x)).size;

/** The one picture of the first page: a turn with one fd ready, against the number that it watches. */
export const costOfWatching: Chart = (run) => {
  const cells = cellsWith(run, {
    experiment: 'watched-fds',
    series: 'pollcost',
    metric: METRIC,
    where: ({ ready, position, timeout }) => ready === 1 && position === 'last' && timeout !== 'slept',
  });
  const groups = groupedBut(inUsualConditions(cells), 'watched').map((group) => ({
    group,
    points: pointsOf(group, METRIC, 'watched'),
  }));
  const [most] = groups.sort((a, b) => counts(b.points) - counts(a.points));
  const factors = most?.group[0]?.factors;
  if (!most || !factors)
    return { status: 'absent', title: TITLE, reason: absence(run, 'watched-fds', 'turn with one fd ready') };
  const { points, group } = most;
  const x = logAxis(
    'watched fds',
    'count',
    points.map((point) => point.x),
  );
  const ends = growth(points);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'A line that climbs pays for every fd that it watches; along a flat one, silent fds are free.' +
      (ends
        ? ` From ${writeNumber(ends.from)} to ${writeNumber(ends.to)} fds the cost grows: ${growthInWords(points)}.`
        : ''),
    conditions: `${conditionInWords(factors)} · ${conditionsOf(run, group, METRIC)}`,
    description: `CPU time of one turn against the number of watched fds. ${growthInWords(points)}`,
    panels: [
      linePanel({
        title: conditionInWords(factors),
        metric: METRIC,
        points,
        x,
        y: logAxis('CPU time per turn', 'time', extentOf(points)),
        size: SIZE,
      }),
    ],
  };
};
