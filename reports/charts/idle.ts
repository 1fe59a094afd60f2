import type { Run } from '../../harness/results/run-schema.js';
import { fromZero } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What a server costs that nobody asks anything';
const metrics = [
  { metric: 'cpuShare', title: 'CPU that it uses', axis: 'CPU cores', least: 1e-5 },
  { metric: 'wakeupsPerSecond', title: 'How often it wakes', axis: 'wake-ups per second', least: 0.1 },
] as const;

const cellsOf = (run: Run, metric: string) =>
  cellsWith(run, { experiment: 'idle', series: 'pollcost', metric });

/** CPU share and wake-ups of an idle server against the number of its connections. */
export const idle: Chart = (run) => {
  const panels = metrics
    .map((each) => ({ ...each, points: pointsOf(cellsOf(run, each.metric), each.metric, 'idle') }))
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) return { status: 'absent', title: TITLE, reason: absence(run, 'idle', 'idle server') };
  const x = fromZero(
    'idle connections',
    'count',
    panels.flatMap(({ points }) => points.map((point) => point.x)),
  );
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'busy is the loop that asks each fd in turn and never sleeps: it takes a whole CPU to do nothing. All the others sleep ' +
      'in the kernel until something happens, with however many fds.',
    conditions: conditionsOf(run, cellsOf(run, first.metric), first.metric),
    description: 'CPU share and wake-ups per second of an idle server against the number of its connections.',
    panels: panels.map(({ title, metric, points, axis, least }) =>
      linePanel({ title, metric, points, x, y: fromZero(axis, 'count', extentOf(points), least) }),
    ),
  };
};
