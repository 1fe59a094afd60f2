import type { Effect, Factors, MeasuredCell } from '../results/run-schema.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, positionOf, undecided } from './claim.js';
import { type Evidence, exact, Missing } from './evidence.js';
import { ns, times } from './wording.js';

const CHEAPER = { to: 1 };
const OTHERS = { Select: 'select-wide', Poll: 'poll' } as const;
type Other = keyof typeof OTHERS;

/** What the answer means by most workloads: many fds, few of them active, a set that hardly changes. */
const isMostly = ({ watched, ready, churnPer100 }: Factors): boolean =>
  Number(watched) >= 100 && Number(ready) <= Number(watched) / 10 && Number(churnPer100) <= 1;

interface Comparison {
  readonly other: Other;
  readonly epoll: MeasuredCell;
  readonly ratio: Effect;
}

const decides = ({ experiment, factors }: MeasuredCell): boolean =>
  experiment === 'server' || isMostly(factors);

/** epoll over another poller under the same conditions, in the same rounds. */
function compare(evidence: Evidence, epoll: MeasuredCell, metric: string): Comparison[] {
  const { experiment, factors } = epoll;
  return (Object.keys(OTHERS) as Other[]).map((other) => {
    const cell = evidence.cell({ experiment, poller: OTHERS[other], factors });
    const name = `epollOver${other}${inName(epoll)}`;
    return { other, epoll, ratio: evidence.ratio(name, epoll, cell, decides(epoll), metric) };
  });
}

const inName = ({ experiment, factors }: MeasuredCell): string =>
  experiment === 'server'
    ? `Server${factors.idle}Idle${capitalised(String(factors.load))}${factors.ratePerSecond}${capitalised(String(factors.phase))}${capitalised(String(factors.app))}${capitalised(String(factors.fileTable))}`
    : `${factors.watched}Watched${factors.ready}Ready${factors.churnPer100}Churn${capitalised(String(factors.timeout))}`;

function gridOf(evidence: Evidence): Comparison[] {
  const query = { experiment: 'workload-grid', poller: 'epoll', factors: { life: 'consumed-rotating' } };
  const cells = evidence.cells(query);
  if (cells.length === 0) evidence.cell(query);
  return cells.flatMap((cell) => compare(evidence, cell, 'cpuNsPerCycle'));
}

function serverOf(evidence: Evidence): Comparison[] {
  const query = { experiment: 'server', poller: 'epoll', factors: {} };
  const cells = evidence.cells(query).filter(({ factors }) => Number(factors.idle) >= 100);
  if (cells.length === 0) {
    evidence.cell(query);
    throw new Missing('server with 100 idle connections or more');
  }
  return cells
    .filter(({ factors }) => hasOthers(evidence, factors))
    .flatMap((cell) => compare(evidence, cell, 'cpuUsPerRequest'));
}

/** The comparisons, or none and what they would need. */
function orMissing(compared: () => Comparison[]): [Comparison[], null] | [[], string] {
  try {
    return [compared(), null];
  } catch (error) {
    if (error instanceof Missing) return [[], error.message];
    throw error;
  }
}

/** Some cells of the server are there for epoll alone. */
const hasOthers = (evidence: Evidence, factors: Factors): boolean =>
  Object.values(OTHERS).every(
    (poller) => evidence.cells({ experiment: 'server', poller, factors }).length > 0,
  );

const worstOf = (name: string, comparisons: readonly Comparison[]): Effect[] => {
  const [first, ...rest] = comparisons.map(({ ratio }) => ratio);
  if (!first) return [];
  return [{ ...rest.reduce((a, b) => (b.high > a.high ? b : a), first), name, decides: true }];
};

/** The share of active fds at which epoll stops being cheaper, for each count and other poller, without churn. */
function crossovers(grid: readonly Comparison[]): Effect[] {
  const lines = new Map<string, Comparison[]>();
  for (const comparison of grid) {
    const { watched, timeout, churnPer100 } = comparison.epoll.factors;
    if (churnPer100 !== 0 || Number(watched) < 100) continue;
    const name = `epollOver${comparison.other}CrossoverAt${watched}${capitalised(String(timeout))}`;
    lines.set(name, [...(lines.get(name) ?? []), comparison]);
  }
  return [...lines].map(([name, comparisons]) => {
    const steps = comparisons
      .map(({ epoll, ratio }) => ({
        at: Number(epoll.factors.ready) / Number(epoll.factors.watched),
        ...ratio,
      }))
      .sort((a, b) => a.at - b.at);
    return { ...boundaryWhere(name, steps, CHEAPER.to), unit: 'ratio' as const };
  });
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export const lessCpuMostly: ClaimDefinition = {
  id: 'less-cpu-mostly',
  source: 'answer',
  kind: 'measured',
  statement: 'epoll leads to less CPU for most workloads',
  rule: {
    version: 1,
    text:
      'A fixed grid: N {10, 100, 1 000} x active {1 fd, 10 %, 50 %} x churn {0, 1 per 100 turns, 1 per turn} x timeout {zero, ' +
      'finite}, readiness consumed by a rotating active set, cost = the whole cycle with the sender. Holds if epoll over select ' +
      'and epoll over poll, paired, have their upper end below 1 in every cell with N >= 100, at most 10 % active and at most ' +
      '1 registration replaced per 100 turns, and in every cell of the live server with 100 idle connections or more; ' +
      'holds-when, with the crossover, if they have it at least in every such cell with a single active fd; fails if epoll is ' +
      'surely dearer in all of those; else undecided, as it is where no cell of the server is sure either way. The share over ' +
      'all cells is printed and not judged: any share can be had by choosing the grid.',
  },
  evidence: ['workload-grid', 'server'],
  judge(evidence) {
    const grid = gridOf(evidence);
    const [server, missing] = orMissing(() => serverOf(evidence));
    const mostly = grid.filter(({ epoll }) => isMostly(epoll.factors));
    if (mostly.length === 0) throw new Missing('workload-grid with 100 watched fds or more and few active');
    const judged = [...mostly, ...server];
    const cheaper = grid.filter(({ ratio }) => ratio.high < 1).length / grid.length;
    const surface = crossovers(grid);
    const effects = [
      ...worstOf('worstEpollOverOtherInGrid', mostly),
      ...worstOf('worstEpollOverOtherInServer', server),
      exact('shareOfGridWhereEpollIsSurelyCheaper', cheaper, 'ratio', false),
      ...surface,
      ...[...grid, ...server].map(({ ratio }) => ratio),
    ];
    const explanation = explain(evidence, grid, surface);
    // The grid is there to be seen, whatever else is not.
    if (missing !== null) return { ...undecided(missing), effects, explanation };
    const isSure = ({ ratio }: Comparison) => positionOf(ratio, CHEAPER) === 'inside';
    if (judged.every(isSure)) return { verdict: 'holds', effects, explanation };
    const single = mostly.filter(({ epoll }) => epoll.factors.ready === 1);
    const isDearer = ({ ratio }: Comparison) => positionOf(ratio, CHEAPER) === 'outside';
    if (single.every(isDearer)) return { verdict: 'fails', effects, explanation };
    if (!single.every(isSure) || !(server.some(isSure) || server.every(isDearer))) {
      const open = [...single, ...server].filter((comparison) => !isSure(comparison));
      const names = open.map(({ ratio }) => ratio.name).join(', ');
      return { ...undecided(`more rounds: epoll is not surely cheaper in ${names}`), effects, explanation };
    }
    return { verdict: 'holds-when', condition: conditionOf(surface, server), effects, explanation };
  },
};

/** Up to which share of active fds epoll is surely cheaper, and which cells of the server are not. */
function conditionOf(surface: readonly Effect[], server: readonly Comparison[]): string {
  const others = server.filter(({ ratio }) => positionOf(ratio, CHEAPER) !== 'inside');
  const where = new Set(others.map(({ epoll }) => inWordsOf(epoll.factors)));
  return (
    `few of the fds are active: ${inWords(surface)}` +
    (where.size > 0 ? `. In the live server not surely with ${[...where].join(', nor with ')}` : '')
  );
}

const inWordsOf = ({ idle, load, phase, ratePerSecond, fileTable }: Factors): string =>
  `${idle} connections under ${load === 'closed' ? 'closed loop' : `${ratePerSecond} beats a second (${phase})`}` +
  (fileTable === 'shared' ? ' and a shared file table' : '');

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.01 ? 1 : 0)} %`;

/** The least and the most of a column of the surface. */
const span = (shares: readonly number[]): string => {
  const [from, to] = [Math.min(...shares), Math.max(...shares)].map(percent);
  return from === to ? `${from}` : `${from} to ${to}`;
};

const inWords = (surface: readonly Effect[]): string =>
  `it is surely cheaper up to ${span(surface.map(({ low }) => low))} active, and by the middle figures up to ` +
  `${span(surface.map(({ value }) => value))}`;

function explain(evidence: Evidence, grid: readonly Comparison[], surface: readonly Effect[]): string {
  const at = (poller: string, ready: number) =>
    evidence.cells({
      experiment: 'workload-grid',
      poller,
      factors: { watched: 1000, ready, churnPer100: 0, timeout: 'zero' },
    })[0];
  const [poll, epoll] = [at('poll', 1), at('epoll', 1)];
  const example =
    poll && epoll
      ? ` With 1 of 1 000 active a whole cycle cost ${ns(epoll, 'cpuNsPerCycle')} under epoll and ${ns(poll, 'cpuNsPerCycle')} under poll.`
      : '';
  const most = grid.reduce((a, b) => (b.ratio.value > a.ratio.value ? b : a));
  return (
    'select and poll pay for every fd in every turn, do_select() and do_poll(); epoll pays for every event, and part of that in ' +
    "the sender's write, whose wake-up runs ep_poll_callback(), and for every change of the set, which is a system call." +
    `${example} Where many are active or the set changes all the time epoll pays more: up to ${times(most.ratio.value)} times ` +
    `(${most.epoll.factors.watched} watched, ${most.epoll.factors.ready} active, ${most.epoll.factors.churnPer100} replaced per ` +
    `100 turns)${surface.length > 0 ? `; without churn ${inWords(surface)}` : ''}.`
  );
}
