import type { Factors, MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeFactor, writeList, writeNumber } from '../figures.js';
import { type Axis, logAxis, logDomain } from './axis.js';
import { conditionInWords, conditionsOf, growth, growthInWords } from './captions.js';
import { absence, cellsWith, groupedBut, inUsualConditions, pointsOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'The number of an fd, or the number of fds?';
const METRIC = 'cpuNsPerTurn';

const distinct = (cells: readonly MeasuredCell[], factor: string): number =>
  new Set(cells.map(({ factors }) => factors[factor])).size;

/** One condition of highest-fd with a single fd: the one that was swept over most numbers. */
const oneFd = (run: Run): MeasuredCell[] => {
  const cells = cellsWith(run, {
    experiment: 'highest-fd',
    series: 'pollcost',
    metric: METRIC,
    where: ({ watched }) => watched === 1,
  });
  const groups = groupedBut(inUsualConditions(cells), 'highestFd');
  return groups.sort((a, b) => distinct(b, 'highestFd') - distinct(a, 'highestFd'))[0] ?? [];
};

/** The same wait in watched-fds, where the count is swept. */
const manyFds = (run: Run, { position, timeout }: Factors): MeasuredCell[] => {
  const cells = cellsWith(run, {
    experiment: 'watched-fds',
    series: 'pollcost',
    metric: METRIC,
    where: (factors) =>
      factors.timeout === timeout &&
      (position === 'none' ? factors.ready === 0 : factors.ready === 1 && factors.position === 'last'),
  });
  return groupedBut(inUsualConditions(cells), 'watched')[0] ?? [];
};

/** cost(100) / cost(50) by poller where both were measured: the figures that the sentence is about. */
const doubling = (points: readonly Point[]): string => {
  const at = (poller: string, x: number) =>
    points.find((point) => point.poller === poller && point.x === x)?.value;
  const pollers = [...new Set(points.map(({ poller }) => poller))];
  const factors = pollers.flatMap((poller) => {
    const [half, full] = [at(poller, 50), at(poller, 100)];
    return half && full ? [`${poller} ${writeFactor(full / half)}`] : [];
  });
  return writeList(factors);
};

const sentence = (points: readonly Point[], subject: (from: number, to: number) => string): string => {
  if (doubling(points)) return `From ${subject(50, 100)} the cost becomes: ${doubling(points)}.`;
  const ends = growth(points);
  return ends ? `From ${subject(ends.from, ends.to)} the cost becomes: ${growthInWords(points)}.` : '';
};

/** The same as the verdict has it: paired round by round. */
const judgedDoubling = (run: Run): string => {
  const judged = quote(run, 'highest-fd', [
    ['select', 'selectCostRatio100Over50'],
    ['poll', 'pollCostRatio100Over50'],
    ['epoll', 'epollCostRatio100Over50'],
  ]);
  return judged && `From number 50 to 100 the cost becomes, by the verdict’s figures: ${judged}.`;
};

/** Cost against the highest fd number with one fd, beside cost against the count, on the same axes. */
export const costByNumber: Chart = (run) => {
  const left = oneFd(run);
  const factors = left[0]?.factors;
  if (!factors) {
    return {
      status: 'absent',
      title: TITLE,
      reason: absence(run, 'highest-fd', 'cost of a turn on a single fd'),
    };
  }
  const same = { ready: factors.position === 'none' ? 0 : 1, ...factors };
  const right = manyFds(run, factors);
  const byNumber = pointsOf(left, METRIC, 'highestFd');
  const byCount = pointsOf(right, METRIC, 'watched');
  const all = [...byNumber, ...byCount];
  const shared = { scale: 'log', labels: 'count', domain: logDomain(all.map(({ x }) => x)) } as const;
  const y: Axis = logAxis(
    'CPU time per turn',
    'time',
    all.flatMap(({ value, low, high }) => [value, low, high]),
  );
  const panels = [
    linePanel({
      title: 'One fd, with a rising number',
      metric: METRIC,
      points: byNumber,
      x: { ...shared, title: 'number of the fd' },
      y,
    }),
  ];
  if (right.length > 0) {
    panels.push(
      linePanel({
        title: 'A rising count of fds',
        metric: METRIC,
        points: byCount,
        x: { ...shared, title: 'watched fds' },
        y,
      }),
    );
  }
  return {
    status: 'drawn',
    title: TITLE,
    caption: [
      right.length > 0
        ? 'Both panels have the same axes: whichever rises is what is paid for.'
        : `Cost against the count cannot be shown beside it: ${absence(run, 'watched-fds', 'such turn')}.`,
      judgedDoubling(run) ||
        sentence(byNumber, (from, to) => `number ${writeNumber(from)} to ${writeNumber(to)}`),
      sentence(byCount, (from, to) => `${writeNumber(from)} to ${writeNumber(to)} fds`),
    ]
      .filter(Boolean)
      .join(' '),
    conditions: `${conditionInWords(same)} · ${conditionsOf(run, [...left, ...right], METRIC)}`,
    description:
      'CPU time of a turn on a single fd against its number and, on the same axes, against the count of fds.',
    panels,
  };
};
