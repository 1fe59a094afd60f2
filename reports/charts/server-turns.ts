import { fromZero } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, extentOf, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { linePanel } from './line-panel.js';
import { openSweep, regimeInWords } from './regimes.js';

const TITLE = 'How the loop turns under the same load';
const metrics = [
  { metric: 'turnsPerSecond', title: 'Turns', axis: 'turns per second' },
  { metric: 'sleptTurnsPerSecond', title: 'Turns that slept', axis: 'turns per second' },
  { metric: 'eventsPerTurn', title: 'Events that a turn hands over', axis: 'events per turn' },
  { metric: 'syscallsPerRequest', title: 'System calls', axis: 'per request' },
] as const;

/** Counters of the loop against the connections held: a dear poller takes fewer turns with more events in each. */
export const serverTurns: Chart = (run) => {
  const cells = openSweep(run);
  const panels = metrics
    .map((each) => ({ ...each, points: pointsOf(cells, each.metric, 'idle') }))
    .filter(({ points }) => points.length > 0);
  const [first] = panels;
  if (!first) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'turn under open load') };
  }
  const x = fromZero(
    'idle connections',
    'count',
    panels.flatMap(({ points }) => points.map((point) => point.x)),
  );
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'A turn that takes long finds more events when it ends, and shares its cost among them: that is how a poller that scans ' +
      'survives a load that it could not carry one event at a time. A loop that no longer sleeps is saturated.',
    conditions: `${regimeInWords(cells[0]?.factors ?? {})} · ${conditionsOf(run, cells, first.metric, null)}`,
    description: 'Turns, slept turns, events per turn and system calls per request against idle connections.',
    panels: panels.map(({ metric, title, axis, points }) =>
      linePanel({ metric, title, points, x, y: fromZero(axis, 'count', extentOf(points)) }),
    ),
  };
};
