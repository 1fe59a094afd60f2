import type { Factors, Run } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { fromZero } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, inNanoseconds, rowsOf } from './cells.js';
import type { Chart } from './chart.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'Several processes that wait for connections on one port';
const metrics = [
  {
    metric: 'emptyWakeupsPerAccept',
    title: 'Wake-ups for nothing per connection',
    axis: 'wake-ups',
    labels: 'count',
    least: 1,
  },
  { metric: 'cpuUsPerAccept', title: 'CPU time of all of them', axis: 'per connection', labels: 'time' },
  {
    metric: 'fairness',
    title: 'How evenly they share the work',
    axis: "Jain's index",
    labels: 'count',
    least: 1,
  },
] as const;

const SHARINGS = ['level', 'exclusive', 'reuseport'];
const SHORT: Readonly<Record<string, string>> = {
  level: 'sharing it',
  exclusive: 'exclusively',
  reuseport: 'with one each',
};

const labelOf = ({ processes, sharing }: Factors): string =>
  `${writeNumber(Number(processes))} ${SHORT[String(sharing)] ?? sharing}`;
const placeOf = ({ processes, sharing }: Factors): number =>
  Number(processes) * SHARINGS.length + SHARINGS.indexOf(String(sharing));

const cellsOf = (run: Run, metric: string) =>
  cellsWith(run, { experiment: 'accept-herd', series: 'pollcost', metric });

/** Whom a connection wakes, by how the port is shared. */
export const acceptHerd: Chart = (run) => {
  const panels = metrics
    .map((each) => {
      const points = inNanoseconds(rowsOf(cellsOf(run, each.metric), each.metric, labelOf, placeOf));
      const least = 'least' in each ? each.least : 0;
      return { ...each, points, x: fromZero(each.axis, each.labels, extentOf(points), least) };
    })
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) return { status: 'absent', title: TITLE, reason: absence(run, 'accept-herd', 'connection') };
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'A listener that processes share wakes all that sleep on it: one accepts, the others find nothing. EPOLLEXCLUSIVE ' +
      '(exclusively) wakes as few as it needs, mostly the same one. With SO_REUSEPORT (with one each) the kernel deals connections out. ' +
      "Jain's index is 1 where all accept as many, and one over their number where one accepts them all.",
    conditions: conditionsOf(run, cellsOf(run, first.metric), first.metric, null),
    description:
      'Wake-ups for nothing, CPU time and evenness per connection, by number of processes and how they share a port.',
    panels: panels.map(({ title, metric, points, x }) =>
      rowPanel({ title, metric, points, x, rowTitle: 'processes and listener' }),
    ),
  };
};
