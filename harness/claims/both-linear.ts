import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { fitLineInterval, fitPowerInterval, type MeasuredPoint } from '../statistics/fit-intervals.js';
import { seedFrom } from '../statistics/random.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, judgeAll } from './claim.js';
import { type Evidence, Missing } from './evidence.js';
import { times } from './wording.js';

const LINEAR = { from: 0.9, to: 1.1 };
const FIT = { from: 10, to: 1000 };
/** So far above the line a turn no longer costs what the line says. */
const KNEE = 1.15;

/** What each poller's cost is a line in, and the cells that show it: one factor varies. */
const LINES = {
  select: { poller: 'select-wide', experiment: 'watched-fds', ready: 'none' },
  poll: { poller: 'poll', experiment: 'watched-fds', ready: 'none' },
  epoll: { poller: 'epoll', experiment: 'ready-fds', ready: 'all' },
} as const;
type Name = keyof typeof LINES;

const countOf = ({ factors }: MeasuredCell): number => Number(factors.watched);

function cellsOf(evidence: Evidence, name: Name): MeasuredCell[] {
  const { poller, experiment, ready } = LINES[name];
  const factors = {
    timeout: 'zero',
    socket: 'tcp',
    ...(ready === 'none' ? { ready: 0 } : { life: 'standing' }),
  };
  const cells = evidence
    .cells({ experiment, poller, factors })
    .filter(
      (cell) =>
        (ready === 'none' || cell.factors.ready === cell.factors.watched) && countOf(cell) >= FIT.from,
    )
    .sort((a, b) => countOf(a) - countOf(b));
  if (cells.length === 0) evidence.cell({ experiment, poller, factors });
  return cells;
}

interface Line {
  readonly exponent: Effect;
  readonly knee: Effect;
  /** Up to this count it was looked at. */
  readonly most: number;
}

function lineOf(evidence: Evidence, name: Name): Line {
  const cells = cellsOf(evidence, name);
  const rounds = evidence.rounds('cpuNsPerTurn', cells);
  const points = cells.map((cell, index): MeasuredPoint => ({ x: countOf(cell), y: rounds[index] ?? [] }));
  const fitted = points.filter(({ x }) => x <= FIT.to);
  if (fitted.length < 3 || (fitted.at(-1) as MeasuredPoint).x < 10 * FIT.from)
    throw new Missing(
      `three cells or more of ${LINES[name].experiment} between ${FIT.from} and ${FIT.to} fds`,
    );
  const { exponent } = fitPowerInterval(fitted, { seed: seedFrom(evidence.seed, name, 'exponent') });
  const { value, low, high, n } = exponent;
  return {
    exponent: { name: `${name}Exponent`, value, low, high, unit: 'ratio', n, decides: true },
    knee: kneeOf(evidence, name, cells, fitted),
    most: countOf(cells.at(-1) as MeasuredCell),
  };
}

/** Where the cost leaves the line through the fitted cells for good, as counts. */
function kneeOf(
  evidence: Evidence,
  name: Name,
  cells: readonly MeasuredCell[],
  fitted: readonly MeasuredPoint[],
): Effect {
  const { intercept, slope } = fitLineInterval(fitted, { seed: seedFrom(evidence.seed, name, 'line') });
  const steps = cells
    .filter((cell) => countOf(cell) >= FIT.to)
    .map((cell) => {
      const line = intercept.value + slope.value * countOf(cell);
      const { value, low, high } = evidence.figure('', cell, 'cpuNsPerTurn', false);
      return { at: countOf(cell), value: value / line, low: low / line, high: high / line };
    });
  // The last fitted count lies on the line by construction: the knee is looked for above it.
  const [first, ...above] = steps;
  const from = { at: first?.at ?? (fitted.at(-1) as MeasuredPoint).x, value: 1, low: 1, high: 1 };
  return { ...boundaryWhere(`${name}Knee`, [from, ...above], KNEE), decides: true };
}

export const bothLinear: ClaimDefinition = {
  id: 'both-linear',
  source: 'answer',
  kind: 'measured',
  statement:
    'both select and epoll scale linearly: select in the fds watched, epoll in the fds that are ready',
  rule: {
    version: 1,
    text:
      'T = c0 + c1 * N^p through the CPU time of hot turns at N = 10..1 000, weights 1/T^2: select and poll with N watched and ' +
      'none ready, epoll with N of N ready, standing, room for all. Holds if the interval of each p lies in 0.9..1.1, fails ' +
      'if one lies outside. Above 1 000 the first N whose cost exceeds the line by 15 % is the knee, and makes it holds-when ' +
      'N is at most the knee. R2 decides nothing.',
  },
  evidence: ['watched-fds', 'ready-fds'],
  judge(evidence) {
    const names = Object.keys(LINES) as Name[];
    const lines = names.map((name) => lineOf(evidence, name));
    const exponents = lines.map(({ exponent }) => exponent);
    const effects = [...exponents, ...lines.map(({ knee }) => knee)];
    const [select, poll, epoll] = exponents.map(({ value }) => times(value));
    const explanation =
      'do_select() and do_poll() call the poll method of one file after the other, ep_send_events() that of one ready file after ' +
      `the other: loops with the same work in each pass. The exponents are ${select} for select, ${poll} for poll and ${epoll} ` +
      'for epoll. What bends the lines further up is not the loops but the caches: each pass touches the file, the socket and ' +
      'its wait queue, and with enough of them those no longer fit.';
    const judged = judgeAll(exponents.map((exponent) => [exponent, LINEAR] as const));
    const bent = lines.flatMap(({ knee, most }, index) =>
      knee.low < most ? [`${names[index]} ${inFds(knee)}`] : [],
    );
    if (judged.verdict !== 'holds' || bent.length === 0) return { ...judged, effects, explanation };
    return {
      verdict: 'holds-when',
      condition: `N stays below the knee: ${bent.join(', ')}`,
      effects,
      explanation,
    };
  },
};

const inFds = ({ low, high }: Effect): string => (low === high ? `${low} fds` : `${low} to ${high} fds`);
