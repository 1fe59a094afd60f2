import type { Run } from '../../harness/results/run-schema.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'Registering, and the life of a connection';
const metrics = [
  { metric: 'cpuNsPerRegistration', title: 'One fd registered and unregistered' },
  { metric: 'cpuNsPerConnectionLife', title: 'A connection from accept to close' },
] as const;

const cellsOf = (run: Run, metric: string) =>
  cellsWith(run, { experiment: 'churn', series: 'pollcost', metric });

/** What changes of the watched set cost: epoll tells the kernel each of them, the others hand over all in every turn. */
export const churn: Chart = (run) => {
  const panels = metrics
    .map(({ metric, title }) => ({
      metric,
      title,
      points: pointsOf(cellsOf(run, metric), metric, 'watched'),
    }))
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) return { status: 'absent', title: TITLE, reason: absence(run, 'churn', 'registration') };
  const x: Axis = logAxis(
    'fds watched besides',
    'count',
    panels.flatMap(({ points }) => points.map((point) => point.x)),
  );
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'epoll makes a system call for every change of what is watched; select and poll only change their own tables, and pay ' +
      'in the turns instead. A connection’s life has both: it is accepted, watched, answered, and closed.',
    conditions: conditionsOf(run, cellsOf(run, first.metric), first.metric),
    description: 'CPU time of a registration and of a connection’s life against the number of watched fds.',
    panels: panels.map((panel) =>
      linePanel({
        ...panel,
        x,
        y: logAxis('CPU time', 'time', extentOf(panel.points)),
      }),
    ),
  };
};
