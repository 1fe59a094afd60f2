import { type Axis, fromZero, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, extentOf, inNanoseconds, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { quote } from './effects.js';
import { linePanel } from './line-panel.js';
import { openSweep, regimeInWords } from './regimes.js';

const TITLE = 'How long an answer takes';
const metrics = [
  { metric: 'latencyP50Us', title: 'Half of the answers come within' },
  { metric: 'latencyP90Us', title: '90 of 100 come within' },
  { metric: 'latencyP99Us', title: '99 of 100 come within' },
  { metric: 'latencyP999Us', title: '999 of 1\u202f000 come within' },
] as const;

/** Quantiles of latency, from the intended time of each beat, against the connections held. */
export const serverLatency: Chart = (run) => {
  const cells = openSweep(run);
  const panels = metrics
    .map(({ metric, title }) => ({ metric, title, points: inNanoseconds(pointsOf(cells, metric, 'idle')) }))
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'latency under open load') };
  }
  const all = panels.flatMap(({ points }) => points);
  const x = fromZero(
    'idle connections',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('from intended time on', 'time', extentOf(all));
  const judged = quote(run, 'one-thread-thousands', [
    ['half of the answers', 'p50RatioMostOver100'],
    ['99 of 100', 'p99RatioMostOver100'],
  ]);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Each request has a time at which it was meant to leave, and its latency counts from there: a server that falls behind ' +
      'cannot hide that by being asked less.' +
      (judged && ` With the most connections instead of 100, under epoll: ${judged}.`),
    conditions: `${regimeInWords(cells[0]?.factors ?? {})} · ${conditionsOf(run, cells, first.metric, 'wall time')}`,
    description: 'Latency quantiles against the number of idle connections, per poller.',
    panels: panels.map((panel) => linePanel({ ...panel, x, y })),
  };
};
