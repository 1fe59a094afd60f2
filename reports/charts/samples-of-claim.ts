import type { Claim, Effect, Factors, MeasuredCell, Run } from '../../harness/results/run-schema.js';
import type { Recorded } from '../recorded.js';
import type { Axis } from './axis.js';
import type { Absent, ChartSpec } from './chart.js';
import { dotsPanel, MOST_DOTS } from './dots-panel.js';
import { tellApart } from './effect-words.js';

const TITLE = 'The raw samples behind these figures';
const MOST_ROWS = 12;

interface Sampled {
  readonly metric: string;
  readonly axis: string;
  readonly labels: Axis['labels'];
}

const turn: Sampled = { metric: 'cpuNsPerTurn', axis: 'CPU time of a turn', labels: 'time' };
const BY_EXPERIMENT: Readonly<Record<string, Sampled>> = {
  server: { metric: 'cpuUsPerRequest', axis: 'CPU time per request', labels: 'time' },
  idle: { metric: 'cpuShare', axis: 'share of a CPU', labels: 'share' },
  churn: { metric: 'cpuNsPerConnectionLife', axis: 'CPU time of a connection’s life', labels: 'time' },
  rearm: { metric: 'cpuUsPerRequest', axis: 'CPU time per request', labels: 'time' },
  'accept-herd': {
    metric: 'emptyWakeupsPerAccept',
    axis: 'wake-ups for nothing',
    labels: 'count',
  },
  cascade: { metric: 'cpuNsPerEvent', axis: 'CPU time per event', labels: 'time' },
};
const BY_CLAIM: Readonly<Record<string, Sampled>> = {
  'one-thread-thousands': { metric: 'latencyP99Us', axis: '99 of 100 answers within', labels: 'time' },
};

/** Of a ratio the figure above the line, and the one below it. */
const OVER: Readonly<Record<string, string>> = {
  poller: 'overPoller',
  watched: 'overWatched',
  ready: 'overReady',
  idle: 'overIdle',
  highestFd: 'overHighestFd',
};

const isBehind = (cell: MeasuredCell, { factors }: Effect): boolean => {
  const known: Factors = { ...cell.factors, poller: cell.poller, experiment: cell.experiment };
  return Object.entries(known).every(([name, value]) => {
    const wanted = [factors[name], factors[OVER[name] ?? '']].filter((each) => each !== undefined);
    return wanted.length === 0 || wanted.includes(value);
  });
};

const sampledOf = (claim: Claim, cell: MeasuredCell): Sampled =>
  BY_CLAIM[claim.id] ?? BY_EXPERIMENT[cell.experiment] ?? turn;

/** The cells that the deciding figures were made of, in the order of the figures, as many as there is room for. */
const cellsOf = (claim: Claim, run: Run, { samples }: Recorded): MeasuredCell[] => {
  const candidates = run.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === 'measured' &&
      cell.series === 'pollcost' &&
      claim.evidence.includes(cell.experiment) &&
      cell.metrics[sampledOf(claim, cell).metric] !== undefined &&
      (samples.get(cell.id)?.length ?? 0) > 1,
  );
  const chosen = new Set<MeasuredCell>();
  for (const effect of claim.effects.filter(({ decides }) => decides))
    for (const cell of candidates) if (isBehind(cell, effect)) chosen.add(cell);
  const metric = (cell: MeasuredCell) => sampledOf(claim, cell).metric;
  const all = [...chosen];
  return all.filter((cell) => metric(cell) === metric(all[0] as MeasuredCell)).slice(0, MOST_ROWS);
};

/** What each round said, a dot for each, before anything was made of it. */
export const samplesOfClaim = (claim: Claim, run: Run, recorded: Recorded): ChartSpec | Absent => {
  const cells = cellsOf(claim, run, recorded);
  const [first] = cells;
  if (!first) {
    const reason =
      claim.kind === 'measured'
        ? 'this run has no samples of the cells that the rule reads'
        : 'its figures are sizes and answers of yes and no, which come out the same every time';
    return { status: 'absent', title: TITLE, reason };
  }
  const labels = tellApart(
    cells.map(({ poller, factors }) => ({
      name: 'figure',
      unit: 'ns' as const,
      factors: { poller, ...factors },
    })),
  );
  const sampled = sampledOf(claim, first);
  const title = sampled.axis;
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'A dot is what one round said; the sign on them is their median, and the line through it its interval. Grey dots were taken while ' +
      'the core was not at full speed: the median leaves them out.',
    conditions: `of a cell with more than ${MOST_DOTS} samples every second, third, ... is drawn, in the order in which they were taken${cells.length === MOST_ROWS ? ` · the first ${MOST_ROWS} cells that the rule reads` : ''}`,
    description: `Raw samples of ${cells.length} cells with their medians. ${claim.finding}`,
    panels: [
      dotsPanel(
        { title, ...sampled },
        cells.map((cell, index) => ({ cell, label: labels[index] as string })),
        recorded,
      ),
    ],
  };
};
