import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, Factors, MeasuredCell } from '../results/run-schema.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, type Judged, moreRounds, positionBelow, undecided, within } from './claim.js';
import { type CellQuery, type Evidence, exact, Missing } from './evidence.js';
import { ns, times } from './figure-text.js';
import { type Beyond, beyondLimits, byJoint, onlyAlone } from './joint.js';

const COUNTS = [10, 100, 1000];
const CHURNS = [0, 1, 100];
const TIMEOUTS = ['zero', 'finite'];
/** epoll less the other one. */
const CHEAPER = 0;
const OTHERS = { Select: 'select-wide', Poll: 'poll' } as const;
type Other = keyof typeof OTHERS;

/** What the answer means by most workloads: many fds, few of them active, a set that hardly changes. */
const isMostly = ({ watched, ready, churnPer100 }: Factors): boolean =>
  Number(watched) >= 100 && Number(ready) <= Number(watched) / 10 && Number(churnPer100) <= 1;

interface Comparison {
  readonly other: Other;
  readonly epoll: MeasuredCell;
  /** epoll less the other, which is what the rule reads. */
  readonly difference: Effect | Judged;
  readonly ratio: Effect;
}

const isSure = ({ difference }: Comparison) => positionBelow(difference, CHEAPER) === 'inside';

function differenceOf(evidence: Evidence, epoll: MeasuredCell, other: Other, metric: string): Effect {
  const { experiment, factors } = epoll;
  const cell = evidence.cell({ experiment, poller: OTHERS[other], factors });
  const decides = experiment === 'server' || isMostly(factors);
  const difference = evidence.difference(`epollMinus${other}${inName(epoll)}`, epoll, cell, decides, metric);
  return decides ? within(difference, { to: CHEAPER }) : difference;
}

/** epoll against another poller under the same conditions, in the same rounds. */
function compare(evidence: Evidence, epoll: MeasuredCell, metric: string): Comparison[] {
  const { experiment, factors } = epoll;
  return (Object.keys(OTHERS) as Other[]).map((other) => {
    const cell = evidence.cell({ experiment, poller: OTHERS[other], factors });
    return {
      other,
      epoll,
      difference: differenceOf(evidence, epoll, other, metric),
      ratio: evidence.ratio(`epollOver${other}${inName(epoll)}`, epoll, cell, false, metric),
    };
  });
}

/** With one active fd of the most: of these any one decides that it fails. */
function dearerOf(evidence: Evidence, single: readonly Comparison[]): Beyond {
  const judged = (differences: readonly Effect[]) => differences.map((each) => within(each, { to: CHEAPER }));
  return beyondLimits(evidence, judged(single.map(({ difference }) => difference)), (joint) =>
    judged(single.map(({ epoll, other }) => differenceOf(joint, epoll, other, 'cpuNsPerCycle'))),
  );
}

/** Every factor in which two cells may differ. */
function inName({ experiment, factors }: MeasuredCell): string {
  const { watched, ready, churnPer100, timeout } = factors;
  if (experiment !== 'server')
    return `${watched}Watched${ready}Ready${churnPer100}Churn${capitalised(timeout)}`;
  const { idle, active, load, ratePerSecond, phase, app, fileTable } = factors;
  const words = [load, ratePerSecond, phase, app, fileTable].map(capitalised).join('');
  return `Server${idle}Idle${active}Active${words}`;
}

const gridQuery = (poller: string, factors: Factors): CellQuery => ({
  experiment: 'workload-grid',
  poller,
  factors: { ...factors, life: 'consumed-rotating' },
});

function gridOf(evidence: Evidence): Comparison[] {
  const conditions = COUNTS.flatMap((watched) =>
    [...new Set([1, watched / 10, watched / 2])].flatMap((ready) =>
      CHURNS.flatMap((churnPer100) => TIMEOUTS.map((timeout) => ({ watched, ready, churnPer100, timeout }))),
    ),
  );
  evidence.grid(
    ['epoll', ...Object.values(OTHERS)].flatMap((poller) =>
      conditions.map((factors) => gridQuery(poller, factors)),
    ),
  );
  return evidence.cells(gridQuery('epoll', {})).flatMap((cell) => compare(evidence, cell, 'cpuNsPerCycle'));
}

const LEAST_IDLE = 100;
const MANY = 1000;

function serverOf(evidence: Evidence): Comparison[] {
  evidence.grid(
    ['epoll', ...Object.values(OTHERS)].map((poller) => ({
      experiment: 'server',
      poller,
      factors: { load: 'closed', idle: MANY, fileTable: 'private' },
    })),
  );
  return evidence
    .cells({ experiment: 'server', poller: 'epoll', factors: {} })
    .filter(({ factors }) => Number(factors.idle) >= LEAST_IDLE && hasOthers(evidence, factors))
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

/** The share of active fds at which epoll stops being cheaper, for each count and other poller, without churn. */
function crossovers(grid: readonly Comparison[]): Effect[] {
  const lines = new Map<string, Comparison[]>();
  for (const comparison of grid) {
    const { watched, timeout, churnPer100 } = comparison.epoll.factors;
    if (churnPer100 !== 0 || Number(watched) < 100) continue;
    const name = `epollOver${comparison.other}CrossoverAt${watched}${capitalised(timeout)}`;
    lines.set(name, [...(lines.get(name) ?? []), comparison]);
  }
  return [...lines].map(([name, comparisons]) => {
    const steps = comparisons
      .map(({ epoll, ratio }) => ({
        at: Number(epoll.factors.ready) / Number(epoll.factors.watched),
        ...ratio,
      }))
      .sort((a, b) => a.at - b.at);
    const { ready, ...fixed } = comparisons[0]?.ratio.factors ?? {};
    const flip = boundaryWhere(name, steps, 1, fixed);
    return ofQuantity('flipAtReadyShare', { ...flip, unit: 'ratio', ratioKind: 'share' });
  });
}

const capitalised = (word: string | number | undefined): string =>
  `${String(word).charAt(0).toUpperCase()}${String(word).slice(1)}`;

export const lessCpuMostly: ClaimDefinition = {
  id: 'less-cpu-mostly',
  source: 'answer',
  kind: 'measured',
  statement: 'epoll leads to less CPU for most workloads',
  rule: {
    version: 3,
    text:
      'A fixed grid: N {10, 100, 1 000} x active {1 fd, 10 %, 50 %} x churn {0, 1 per 100 turns, 1 per turn} x timeout {zero, ' +
      'finite}, readiness consumed by a rotating active set, cost = the whole cycle with the sender; all of it must be there, and ' +
      'the live server with 1 000 idle connections. Holds if epoll - select and epoll - poll, paired, have their upper end below ' +
      '0 in every cell with N >= 100, at most 10 % active and at most 1 registration replaced per 100 turns, and in every cell of ' +
      'the live server with 100 idle connections or more; fails if among those with one active fd at N = 1 000 one is wholly above ' +
      '0, by an interval that holds for all 8 at once; undecided if one of them is astride; else holds-when, with the largest share of active fds up to which every such cell ' +
      'is surely cheaper, at each N, and the cells of the server in which it is not. The share over all cells is printed and not ' +
      'judged: any share can be had by choosing the grid.',
  },
  evidence: ['workload-grid', 'server'],
  judge(evidence) {
    const grid = gridOf(evidence);
    const [server, missing] = orMissing(() => serverOf(evidence));
    const mostly = grid.filter(({ epoll }) => isMostly(epoll.factors));
    const judged = [...mostly, ...server].sort((a, b) => b.ratio.high - a.ratio.high);
    const cheaper = grid.filter(isSure).length / grid.length;
    const surface = crossovers(grid);
    const shown = grid.filter((comparison) => !mostly.includes(comparison));
    const example = exampleOf(evidence);
    const single = mostly.filter(({ epoll }) => epoll.factors.ready === 1 && epoll.factors.watched === MANY);
    const dearer = dearerOf(evidence, single);
    const told = {
      effects: [
        ...judged.map(({ difference }) => difference),
        {
          ...exact('shareOfGridWhereEpollIsSurelyCheaper', cheaper, 'ratio', false, {
            experiment: 'workload-grid',
          }),
          ratioKind: 'share' as const,
        },
        ...surface,
        ...[...judged, ...shown].map(({ ratio }) => ratio),
        ...shown.map(({ difference }) => difference),
        ...example,
      ],
      finding: tell(grid),
      explanation: explain(example, grid, surface) + (missing === null ? byJoint(dearer) : ''),
    };
    // The grid is there to be seen, whatever else is not.
    if (missing !== null) return { ...undecided(missing), ...told };
    if (judged.every(isSure)) return { verdict: 'holds', ...told };
    if (dearer.together.length > 0) return { verdict: 'fails', ...told };
    if (!single.every(isSure)) {
      const open = single.filter((comparison) => !isSure(comparison)).map(({ difference }) => difference);
      const names = open.map(({ name }) => name).join(', ');
      const alone = dearer.alone.length > 0 ? `; ${onlyAlone(dearer)}` : '';
      return { ...moreRounds(`epoll is not surely cheaper in ${names}${alone}`, open), ...told };
    }
    return { verdict: 'holds-when', condition: conditionOf(mostly, server), ...told };
  },
};

function tell(grid: readonly Comparison[]): string {
  const [at] = grid.filter(
    ({ other, epoll: { factors } }) =>
      other === 'Poll' && factors.watched === MANY && factors.ready === 1 && factors.churnPer100 === 0,
  );
  return (
    `With 1 of 1 000 sockets active, a whole cycle under epoll takes ${times(at?.ratio.value ?? Number.NaN)} times the CPU time ` +
    'of one under poll.'
  );
}

/** The largest share of active fds up to which every cell of the rule is surely cheaper, at each N, and where in the server. */
function conditionOf(mostly: readonly Comparison[], server: readonly Comparison[]): string {
  const shares = COUNTS.filter((watched) => watched >= 100).map((watched) => {
    const there = mostly.filter(({ epoll }) => epoll.factors.watched === watched);
    return `${surelyUpTo(there)} of ${watched}`;
  });
  const where = new Set(server.filter((each) => !isSure(each)).map(inWordsOf));
  return (
    `few of the fds are active: surely cheaper with at most ${shares.join(' and ')}` +
    (where.size > 0 ? `. In the live server not surely ${[...where].join(', nor ')}` : '')
  );
}

function surelyUpTo(comparisons: readonly Comparison[]): string {
  const ready = ({ epoll }: Comparison) => Number(epoll.factors.ready);
  const first = comparisons.filter((each) => !isSure(each)).map(ready);
  const sure = comparisons.map(ready).filter((count) => count < Math.min(...first, Number.POSITIVE_INFINITY));
  return sure.length === 0 ? 'none' : String(Math.max(...sure));
}

const inWordsOf = ({ other, epoll: { factors } }: Comparison): string => {
  const { idle, active, load, phase, ratePerSecond, app, fileTable } = factors;
  const how =
    load === 'closed' ? `${active} active in closed loop` : `${ratePerSecond} beats a second (${phase})`;
  return (
    `against ${other.toLowerCase()} with ${idle} idle connections and ${how}, app ${app}` +
    (fileTable === 'shared' ? ', shared file table' : '')
  );
};

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.01 ? 1 : 0)} %`;

/** The least and the most of a column of the surface. */
const span = (shares: readonly number[]): string => {
  const [from, to] = [Math.min(...shares), Math.max(...shares)].map(percent);
  return from === to ? `${from}` : `${from} to ${to}`;
};

const inWords = (surface: readonly Effect[]): string =>
  `it is surely cheaper up to ${span(surface.map(({ low }) => low))} active, and by the middle figures up to ` +
  `${span(surface.map(({ value }) => value))}`;

/** A whole cycle with one of the most active, as epoll and as poll make it. */
const exampleOf = (evidence: Evidence): Effect[] =>
  ['epoll', 'poll'].map((poller) => {
    const factors = { watched: MANY, ready: 1, churnPer100: 0, timeout: 'zero' };
    const cell = evidence.cell({ experiment: 'workload-grid', poller, factors });
    return evidence.figure(`${poller}CycleWith1Of${MANY}`, cell, 'cpuNsPerCycle', false);
  });

function explain(
  example: readonly Effect[],
  grid: readonly Comparison[],
  surface: readonly Effect[],
): string {
  const [epoll = '', poll = ''] = example.map(ns);
  const most = grid.reduce((a, b) => (b.ratio.value > a.ratio.value ? b : a));
  return (
    'select and poll pay for every fd in every turn, do_select() and do_poll(); epoll pays for every event, and part of that in ' +
    "the sender's write, whose wake-up runs ep_poll_callback(), and for every change of the set, which is a system call." +
    ` With 1 of 1 000 active a whole cycle cost ${epoll} under epoll and ${poll} under poll. Where many are active or the set changes all the time epoll pays more: up to ${times(most.ratio.value)} times ` +
    `(${most.epoll.factors.watched} watched, ${most.epoll.factors.ready} active, ${most.epoll.factors.churnPer100} replaced per ` +
    `100 turns)${surface.length > 0 ? `; without churn ${inWords(surface)}` : ''}.`
  );
}
