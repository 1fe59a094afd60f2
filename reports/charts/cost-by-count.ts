import type { Factors, MeasuredCell } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionInWords, conditionsOf, growth, growthInWords } from './captions.js';
import { absence, cellsWith, groupedBut, inUsualConditions, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What one turn costs, by how many fds are watched';
const METRIC = 'cpuNsPerTurn';

const lastReady = ({ ready, position }: Factors): boolean => ready === 1 && position === 'last';

/** The conditions shown, in the order of the panels. */
const conditions: readonly ((factors: Factors) => boolean)[] = [
  (factors) => factors.ready === 0 && factors.timeout === 'zero',
  (factors) => lastReady(factors) && factors.timeout === 'zero',
  (factors) => lastReady(factors) && factors.timeout === 'finite',
  (factors) => lastReady(factors) && factors.timeout === 'infinite',
  (factors) => factors.timeout === 'slept',
];

const groupsOf = (cells: readonly MeasuredCell[]): MeasuredCell[][] =>
  conditions.flatMap((condition) =>
    groupedBut(inUsualConditions(cells.filter(({ factors }) => condition(factors))), 'watched'),
  );

/** CPU time of one turn against the number of watched fds, one panel for each way to wait. */
export const costByCount: Chart = (run) => {
  const groups = groupsOf(cellsWith(run, { experiment: 'watched-fds', series: 'pollcost', metric: METRIC }));
  if (groups.length === 0) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'watched-fds', 'cost of a turn') };
  }
  const panels = groups.map((cells) => ({
    title: conditionInWords(cells[0]?.factors ?? {}),
    points: pointsOf(cells, METRIC, 'watched'),
  }));
  const all = panels.flatMap(({ points }) => points);
  const x: Axis = logAxis(
    'watched fds',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis(
    'CPU time per turn',
    'time',
    all.flatMap(({ value, low, high }) => [value, low, high]),
  );
  const told = panels.find(({ points }) => growth(points)) ?? panels[0];
  const ends = told && growth(told.points);
  const figures =
    told && ends
      ? ` From ${writeNumber(ends.from)} to ${writeNumber(ends.to)} watched fds` +
        ` (${told.title.toLowerCase()}) the cost of a turn grows: ${growthInWords(told.points)}.`
      : '';
  const judged = quote(run, 'idle-is-free', [
    ['select', 'selectGrowth1To1000'],
    ['poll', 'pollGrowth1To1000'],
    ['epoll', 'epollGrowth1To1000'],
  ]);
  const verdict = judged && ` The verdict rests on the paired growth from 1 to 1\u202f000: ${judged}.`;
  const titles = panels.map(({ title }) => title);
  return {
    status: 'drawn',
    title: TITLE,
    caption: `A line climbs as watching more fds costs more; along a flat one idle fds are free.${figures}${verdict}`,
    conditions: conditionsOf(run, groups.flat(), METRIC),
    description: `CPU time of one turn against the number of watched fds, per poller: ${titles.join('; ')}.`,
    panels: panels.map((panel) => linePanel({ ...panel, metric: METRIC, x, y })),
  };
};
