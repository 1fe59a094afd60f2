import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, extentOf, groupedBut, inNanoseconds, rowsOf } from './cells.js';
import type { Chart } from './chart.js';
import { ourServers } from './regimes.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'The phase of the beats decides the answer';
const metrics = [
  { metric: 'cpuUsPerRequest', title: 'CPU time of a request', axis: 'CPU time per request', labels: 'time' },
  {
    metric: 'eventsPerTurn',
    title: 'Events that a turn hands over',
    axis: 'events per turn',
    labels: 'count',
  },
  { metric: 'latencyP99Us', title: '99 of 100 answers come within', axis: 'latency', labels: 'time' },
] as const;

const PHASES = ['storm', 'poisson', 'spread'];

const phasesIn = (cells: readonly MeasuredCell[]): number =>
  new Set(cells.map(({ factors }) => factors.phase)).size;

/** One count of connections and one rate: the ones with the most phases. */
const cellsOf = (run: Run): MeasuredCell[] => {
  const open = ourServers(run).filter(({ factors }) => factors.load === 'open');
  const groups = groupedBut(open, 'phase').filter((group) => phasesIn(group) > 1);
  return groups.sort((a, b) => phasesIn(b) - phasesIn(a))[0] ?? [];
};

/** The same connections, asking as often, but all at once, at random, or evenly spread. */
export const serverPhases: Chart = (run) => {
  const cells = cellsOf(run);
  const panels = metrics
    .map(({ metric, title, axis, labels }) => {
      const points = inNanoseconds(
        rowsOf(
          cells,
          metric,
          ({ phase }) => String(phase),
          ({ phase }) => PHASES.indexOf(String(phase)),
        ),
      );
      const x: Axis = logAxis(axis, labels, extentOf(points));
      return { metric, title, points, x };
    })
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'second phase of beats') };
  }
  const { idle, ratePerSecond } = cells[0]?.factors ?? {};
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      `The same ${writeNumber(Number(idle))} connections ask ${writeNumber(Number(ratePerSecond))} times a second all together. ` +
      'In a storm they do so at once, and one scan serves them all; spread evenly, each costs a scan of its own.',
    conditions: conditionsOf(run, cells, first.metric),
    description: 'CPU per request, events per turn and latency by the phase of the beats, per poller.',
    panels: panels.map((panel) => rowPanel({ ...panel, rowTitle: 'phase of the beats' })),
  };
};
