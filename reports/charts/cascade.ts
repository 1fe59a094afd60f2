import type { Factors, Run } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, inNanoseconds, rowsOf } from './cells.js';
import type { Chart } from './chart.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'Bytes passed along a chain of socket pairs';
const metrics = [
  { metric: 'cpuNsPerEvent', title: 'CPU time of one event', axis: 'per event', labels: 'time' },
  { metric: 'wallUsPerChain', title: 'Time of the whole chain', axis: 'wall time', labels: 'time' },
  {
    metric: 'eventsPerTurn',
    title: 'Events that one turn hands over',
    axis: 'events per turn',
    labels: 'count',
  },
  {
    metric: 'syscallsPerEvent',
    title: 'System calls of one event',
    axis: 'per event',
    labels: 'count',
  },
] as const;

const labelOf = ({ pairs, active }: Factors): string =>
  `${writeNumber(Number(active))} of ${writeNumber(Number(pairs))} active`;
const placeOf = ({ pairs, active }: Factors): number => Number(pairs) + Number(active) / 1e6;

/** By readiness, and by completion where the call that waits can also read and write. */
const cellsOf = (run: Run, metric: string) =>
  (['pollcost', 'completion'] as const).flatMap((series) =>
    cellsWith(run, { experiment: 'cascade', series, metric }),
  );

/** libevent's benchmark on our loop: what an event costs where few or many pairs are active. */
export const cascade: Chart = (run) => {
  const panels = metrics
    .map(({ metric, title, axis, labels }) => {
      const points = inNanoseconds(rowsOf(cellsOf(run, metric), metric, labelOf, placeOf));
      const x: Axis = logAxis(axis, labels, extentOf(points));
      return { metric, title, points, x };
    })
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) return { status: 'absent', title: TITLE, reason: absence(run, 'cascade', 'chain') };
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Each byte that arrives at a pair is passed on to the next. With one byte on its way a turn finds one event, and a ' +
      'poller that scans pays for all pairs to find it; with many on their way that cost is shared among them. By completion, reads ' +
      'and writes ride in the call that waits, without a loop of ours around them.',
    conditions: conditionsOf(run, cellsOf(run, first.metric), first.metric),
    description:
      'Cost of an event, time of a chain and events per turn, by pairs and active pairs, per poller.',
    beside: 'by completion',
    panels: panels.map((panel) => rowPanel({ ...panel, rowTitle: 'pairs with a byte on its way' })),
  };
};
