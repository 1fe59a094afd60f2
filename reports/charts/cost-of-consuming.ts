import type { Factors } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, groupedBut, inUsualConditions, levelsOf, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What a whole cycle costs, when events come and are read';
const METRIC = 'cpuNsPerCycle';

const lives: Readonly<Record<string, string>> = {
  'consumed-same': 'always the same ones',
  'consumed-rotating': 'others each time',
};

const titleOf = ({ watched, life }: Factors): string =>
  `Of ${writeNumber(Number(watched))} watched fds, ${lives[String(life)] ?? String(life)} become ready`;

/** Turn, reads and the sender's writes against the number of fds that become ready in each cycle. */
export const costOfConsuming: Chart = (run) => {
  const cells = inUsualConditions(
    cellsWith(run, { experiment: 'ready-fds', series: 'pollcost', metric: METRIC }),
  );
  const groups = groupedBut(cells, 'ready', 'position').filter(
    (group) => levelsOf(group, 'ready').length > 1,
  );
  if (groups.length === 0) {
    return {
      status: 'absent',
      title: TITLE,
      reason: absence(run, 'ready-fds', 'sweep of events that come and are read'),
    };
  }
  const panels = groups.map((group) => ({
    title: titleOf(group[0]?.factors ?? {}),
    points: pointsOf(group, METRIC, 'ready'),
  }));
  const all = panels.flatMap(({ points }) => points);
  const x: Axis = logAxis(
    'fds that become ready',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('CPU time per cycle', 'time', extentOf(all));
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'A cycle is everything: the writes that make fds ready, in which epoll’s callback runs, the turn, and the reads. ' +
      'Readiness that is left standing flatters epoll, and edge-triggered epoll would see nothing of it; here both pay.',
    conditions: `returns at once · ${conditionsOf(run, groups.flat(), METRIC)}`,
    description: 'CPU time of a whole cycle against the number of fds that become ready in it, per poller.',
    panels: panels.map((panel) => linePanel({ ...panel, metric: METRIC, x, y })),
  };
};
