import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { write, writeFactor, writeList, writeNumber } from '../figures.js';
import { linearDomain, logAxis } from './axis.js';
import { conditionInWords, conditionsOf } from './captions.js';
import { absence, cellsWith, groupedBut, inUsualConditions, pointsOf } from './cells.js';
import type { Absent, Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What JavaScript adds to the same call in C';
const BINDING = 'bindingNsPerTurn';
const TURN = 'cpuNsPerTurn';

/** The condition in which the binding is most visible: the cheapest turn that was measured at most counts. */
const cellsOf = (run: Run): MeasuredCell[] => {
  const cells = cellsWith(run, { experiment: 'watched-fds', series: 'pollcost', metric: BINDING });
  const atOnce = cells.filter(({ factors }) => factors.timeout === 'zero');
  const groups = groupedBut(inUsualConditions(atOnce.length > 0 ? atOnce : cells), 'watched');
  return groups.sort((a, b) => Number(a[0]?.factors.ready ?? 0) - Number(b[0]?.factors.ready ?? 0))[0] ?? [];
};

const absent = (run: Run): Absent => {
  const measured = run.cells.some(
    ({ experiment, status }) => experiment === 'watched-fds' && status === 'measured',
  );
  const reason =
    measured && run.environment.cc === null
      ? 'there is no C compiler on this machine, so the same call could not be timed from C'
      : absence(run, 'watched-fds', 'turn in C beside the one in JavaScript');
  return { status: 'absent', title: TITLE, reason };
};

/**
 * Our turn over its twin in C; the interval takes each side at its worst, so it is wider than a paired one.
 */
const ratios = (ours: readonly Point[], twins: readonly Point[]): Point[] =>
  ours.flatMap((point) => {
    const twin = twins.find(({ poller, x }) => poller === point.poller && x === point.x);
    if (!twin || twin.low <= 0) return [];
    const value = point.value / twin.value;
    return [
      { ...point, unit: 'ratio' as const, value, low: point.low / twin.high, high: point.high / twin.low },
    ];
  });

const countOfFds = (count: number): string => `${writeNumber(count)} watched ${count === 1 ? 'fd' : 'fds'}`;

const captionOf = (binding: readonly Point[], ratio: readonly Point[]): string => {
  const least = Math.min(...binding.map(({ x }) => x));
  const most = Math.max(...ratio.map(({ x }) => x));
  const added = binding
    .filter(({ x }) => x === least)
    .map((point) => `${point.poller} ${write(point).value}`);
  const factors = ratio
    .filter(({ x }) => x === most)
    .map(({ poller, value }) => `${poller} ${writeFactor(value)}`);
  return [
    'Where the lines meet, a program in JavaScript pays what one in C pays.',
    `With ${countOfFds(least)} the binding adds: ${writeList(added)}.`,
    factors.length > 0 ? `With ${countOfFds(most)} the turn costs, against C: ${writeList(factors)}.` : '',
  ]
    .filter(Boolean)
    .join(' ');
};

/** The paired difference between a turn in JavaScript and its twin in C, absolute and relative. */
export const binding: Chart = (run) => {
  const cells = cellsOf(run);
  const [first] = cells;
  if (!first) return absent(run);
  const sameTurn = new Set(cells.map(({ factors }) => JSON.stringify(factors)));
  const twinCells = cellsWith(run, {
    experiment: 'watched-fds',
    series: 'c-twin',
    metric: TURN,
    where: (factors) => sameTurn.has(JSON.stringify(factors)),
  });
  const added = pointsOf(cells, BINDING, 'watched');
  const ours = pointsOf(cells, TURN, 'watched');
  const twins = pointsOf(twinCells, TURN, 'watched');
  const ratio = ratios(ours, twins);
  const bounds = (points: readonly Point[]) => points.flatMap(({ low, high }) => [low, high]);
  const x = logAxis(
    'watched fds',
    'count',
    added.map((point) => point.x),
  );
  const panels = [
    linePanel({
      title: 'Added to one turn',
      metric: BINDING,
      points: added,
      x,
      y: {
        title: 'JavaScript minus C',
        scale: 'linear',
        labels: 'time',
        domain: linearDomain(bounds(added), 0),
      },
      reference: 0,
    }),
  ];
  if (twins.length > 0) {
    panels.unshift(
      linePanel({
        title: 'One turn in JavaScript and in C',
        metric: TURN,
        points: [...ours, ...twins],
        x,
        y: logAxis('CPU time per turn', 'time', bounds([...ours, ...twins])),
      }),
    );
  }
  if (ratio.length > 0) {
    panels.push(
      linePanel({
        title: 'JavaScript over C',
        metric: 'JavaScript / C',
        points: ratio,
        x,
        y: {
          title: 'JavaScript / C',
          scale: 'linear',
          labels: 'factor',
          domain: linearDomain(bounds(ratio), 1),
        },
        reference: 1,
      }),
    );
  }
  return {
    status: 'drawn',
    title: TITLE,
    caption: captionOf(added, ratio),
    conditions: `${conditionInWords(first.factors)} · ${conditionsOf(run, cells, BINDING)}${
      ratio.length > 0 ? ', of the ratio with each side at its worst' : ''
    }`,
    description:
      'A turn from JavaScript beside the same turn from C: both costs, their difference and their ratio.',
    panels,
  };
};
