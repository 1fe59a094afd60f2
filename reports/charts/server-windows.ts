import type { Run } from '../../harness/results/run-schema.js';
import { serverInWords, writeCount } from '../figures.js';
import type { Readings, Recorded } from '../recorded.js';
import { inOrder } from '../theme/pollers.js';
import { fromZero } from './axis.js';
import { levelsOf } from './cells.js';
import type { Absent, ChartSpec, Point } from './chart.js';
import { dotsPanel, MOST_DOTS } from './dots-panel.js';
import { linePanel } from './line-panel.js';
import { ourServers, regimeInWords, sweeps } from './regimes.js';

/** What the server's page shows of its windows and its seconds, beside the figures. */

const WINDOWS = 'What each window said';
const COST = { metric: 'cpuUsPerRequest', axis: 'CPU time per request', labels: 'time' } as const;

/** Every window of every load and count, a dot each. */
const windows = (run: Run, recorded: Recorded): ChartSpec | Absent => {
  const groups = sweeps(ourServers(run).filter(({ metrics }) => metrics[COST.metric] !== undefined));
  const panels = groups.flatMap((cells) => {
    const rows = levelsOf(cells, 'idle').flatMap((idle) =>
      inOrder(cells.map(({ poller }) => poller)).flatMap((poller) =>
        cells
          .filter((cell) => cell.poller === poller && cell.factors.idle === idle)
          .filter(({ id }) => (recorded.samples.get(id)?.length ?? 0) > 0)
          .map((cell) => ({ cell, label: `${poller}, ${writeCount(idle, 'idle connection')}` })),
      ),
    );
    const title = regimeInWords(cells[0]?.factors ?? {});
    return rows.length === 0 ? [] : [dotsPanel({ title, ...COST }, rows, recorded)];
  });
  if (panels.length === 0)
    return { status: 'absent', title: WINDOWS, reason: 'no window of a server was recorded in this run' };
  return {
    status: 'drawn',
    title: WINDOWS,
    caption:
      'A dot is one window on the same live connections; the sign on them is the median, and the line through it its interval.',
    conditions: `of more than ${MOST_DOTS} windows of a cell every second, third, ... is drawn`,
    description: 'CPU time per request of each window, per poller and number of idle connections.',
    panels,
  };
};

const TIMELINE = 'A server’s seconds';
const MOST_PANELS = 4;
const MOST_SECONDS = 120;

const secondsOf = (readings: readonly Readings[]): Point[] => {
  const points = readings.flatMap(({ timeline }) => timeline);
  const every = Math.ceil(points.length / MOST_SECONDS) || 1;
  return points
    .filter((_, index) => index % every === 0)
    .map(({ atMs, cores }) => {
      const whole = { value: cores, low: cores, high: cores, unit: 'cores' as const };
      return { poller: '', series: 'pollcost', x: atMs / 1000, flags: [], ...whole };
    });
};

/** What each of our servers used of a CPU, second by second, in its first launch. */
const timeline = (_run: Run, { readings }: Recorded): ChartSpec | Absent => {
  // A run that is older than the factors of its servers has the others among them.
  const ours = readings.filter(
    ({ factors, timeline: seconds }) =>
      seconds.length > 0 && (factors === undefined || factors.series === 'pollcost'),
  );
  const launch = Math.min(...ours.map((each) => each.launch));
  const first = ours.filter((each) => each.launch === launch);
  const subjects = [...new Set(first.map(({ subject }) => subject))].slice(0, MOST_PANELS);
  if (subjects.length === 0)
    return { status: 'absent', title: TIMELINE, reason: 'no second of a server was recorded in this run' };
  const panels = subjects.map((subject) => {
    const theirs = first.filter((each) => each.subject === subject);
    return { title: serverInWords(theirs[0] as Readings), points: secondsOf(theirs) };
  });
  const all = panels.flatMap(({ points }) => points);
  const y = { ...fromZero('share of a CPU', 'share', [1]), scale: 'linear', domain: [0, 1.05] } as const;
  const x = {
    ...fromZero('seconds since it started', 'count', [1]),
    scale: 'linear',
    domain: [0, Math.max(...all.map((point) => point.x)) * 1.03],
  } as const;
  return {
    status: 'drawn',
    title: TIMELINE,
    caption:
      'What the whole process used, second by second: it waits between its windows, and works in them. A picture only; verdicts rest on ' +
      'the thread’s own CPU time.',
    conditions: `read by pidusage in ticks of 10 ms · its first launch · at most ${MOST_SECONDS} seconds of each server`,
    description: 'Share of a CPU that each server used over time.',
    panels: panels.map((panel) => linePanel({ ...panel, metric: 'cores', x, y, scattered: true })),
  };
};

export const serverOwn = (run: Run, recorded: Recorded) => [
  { name: 'server-windows', chart: windows(run, recorded) },
  { name: 'server-timeline', chart: timeline(run, recorded) },
];
