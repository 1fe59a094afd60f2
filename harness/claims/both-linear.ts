import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, Factors, MeasuredCell } from '../results/run-schema.js';
import { EXPONENTS, lineFitter, powerFitter } from '../statistics/fits.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, type Judged, within } from './claim.js';
import { type CellQuery, conditionsOf, type Evidence } from './evidence.js';
import { times } from './figure-text.js';
import { beyondLimits, byJoint, judgeJointly } from './joint.js';

const LINEAR = { from: 0.9, to: 1.1 };
const FIT = { from: 10, to: 1000 };
/** Of the fitted counts these must be there: a line through fewer has no shape of its own. */
const NEEDED = [10, 100, 1000];
/** So far above the line a turn no longer costs what the line says. */
const KNEE = 1.15;

/** What each poller's cost is a line in, and the cells that show it: one factor varies. */
const LINES = {
  select: { poller: 'select-wide', experiment: 'watched-fds', ready: 'none' },
  poll: { poller: 'poll', experiment: 'watched-fds', ready: 'none' },
  epoll: { poller: 'epoll', experiment: 'ready-fds', ready: 'all' },
} as const;
type Name = keyof typeof LINES;

/** What the line is a line in. */
const ofLine = {
  none: { power: 'powerOfWatched', knee: 'kneeOfWatched' },
  all: { power: 'powerOfReady', knee: 'kneeOfReady' },
} as const;

/** All of a line's conditions but the count. */
function lineFactors([cell]: readonly MeasuredCell[]): Factors {
  const { watched, ready, ...others } = conditionsOf(cell as MeasuredCell);
  return others;
}

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
  evidence.grid(
    NEEDED.map(
      (watched): CellQuery => ({
        experiment,
        poller,
        factors: { ...factors, watched, ...(ready === 'all' && { ready: watched }) },
      }),
    ),
  );
  return cells;
}

interface Line {
  readonly exponent: Judged;
  readonly knee: Effect;
  /** Up to this count it was looked at. */
  readonly most: number;
}

function lineOf(evidence: Evidence, name: Name): Line {
  const cells = cellsOf(evidence, name);
  return {
    exponent: exponentOf(evidence, name, cells),
    knee: kneeOf(evidence, name, cells),
    most: countOf(cells.at(-1) as MeasuredCell),
  };
}

const fittedOf = (cells: readonly MeasuredCell[]) => cells.filter((cell) => countOf(cell) <= FIT.to);

function exponentOf(evidence: Evidence, name: Name, cells: readonly MeasuredCell[]): Judged {
  const fitted = fittedOf(cells);
  const fit = powerFitter(fitted.map(countOf));
  const { exponent } = evidence.costs(`${name}Exponent`, 'cpuNsPerTurn', fitted, (costs) => ({
    exponent: fit(costs).exponent,
  }));
  const { value, n } = exponent;
  const low = Math.max(EXPONENTS.from, exponent.low);
  const high = Math.min(EXPONENTS.to, exponent.high);
  return within(
    ofQuantity(ofLine[LINES[name].ready].power, {
      name: `${name}Exponent`,
      value,
      low,
      high,
      unit: 'ratio',
      ratioKind: 'exponent',
      n,
      decides: true,
      factors: lineFactors(cells),
    }),
    LINEAR,
  );
}

/** Where the cost leaves the line through the fitted cells for good, as counts. */
function kneeOf(evidence: Evidence, name: Name, cells: readonly MeasuredCell[]): Effect {
  const fitted = fittedOf(cells);
  const fit = lineFitter(fitted.map(countOf));
  const { intercept, slope } = evidence.costs(`${name}Knee`, 'cpuNsPerTurn', fitted, (costs) => ({
    ...fit(costs),
  }));
  const steps = cells
    .filter((cell) => countOf(cell) >= FIT.to)
    .map((cell) => {
      const at = countOf(cell);
      const [line, least, most] = (['value', 'low', 'high'] as const).map(
        (end) => intercept[end] + slope[end] * at,
      ) as [number, number, number];
      const { value, low, high } = evidence.figure('', cell, 'cpuNsPerTurn', true);
      return { at, value: value / line, low: low / most, high: high / least };
    });
  // The last fitted count lies on the line by construction: the knee is looked for above it.
  const [first, ...above] = steps;
  const from = { at: first?.at ?? countOf(fitted.at(-1) as MeasuredCell), value: 1, low: 1, high: 1 };
  const knee = boundaryWhere(`${name}Knee`, [from, ...above], KNEE, lineFactors(cells));
  return ofQuantity(ofLine[LINES[name].ready].knee, { ...knee, decides: true });
}

export const bothLinear: ClaimDefinition = {
  id: 'both-linear',
  source: 'answer',
  kind: 'measured',
  statement:
    'both select and epoll scale linearly: select in the fds watched, epoll in the fds that are ready',
  rule: {
    version: 3,
    text:
      'T = c0 + c1 * N^p through the CPU time of hot turns at N = 10..1 000, weights 1/T^2: select and poll with N watched and ' +
      'none ready, epoll with N of N ready, standing, room for all. Holds if the interval of each p lies in 0.9..1.1, fails ' +
      'if one lies outside by an interval that holds for all 3 at once; N = 10, 100 and 1 000 must be there. Above 1 000 the ' +
      'first N whose cost exceeds the line by 15 % is the knee, its interval with that of the line, and makes it holds-when N is ' +
      'at most the knee. R2 decides nothing. select is measured as select-wide, because fd numbers end at 1 023 for select.',
  },
  evidence: ['watched-fds', 'ready-fds'],
  judge(evidence) {
    const names = Object.keys(LINES) as Name[];
    const lines = names.map((name) => lineOf(evidence, name));
    const exponents = lines.map(({ exponent }) => exponent);
    const beyond = beyondLimits(evidence, exponents, (joint) =>
      names.map((name) => exponentOf(joint, name, cellsOf(joint, name))),
    );
    const effects = [...exponents, ...lines.map(({ knee }) => knee)];
    const [select, poll, epoll] = exponents.map(({ value }) => times(value));
    const explanation =
      'do_select() and do_poll() call the poll method of one file after the other, ep_send_events() that of one ready file after ' +
      `the other: loops with the same work in each pass. The exponents are ${select} for select, ${poll} for poll and ${epoll} ` +
      'for epoll. What bends the lines further up is not the loops but the caches: each pass touches the file, the socket and ' +
      'its wait queue, and with enough of them those no longer fit.' +
      byJoint(beyond);
    const judged = judgeJointly(exponents, beyond);
    const bent = lines.flatMap(({ knee, most }, index) =>
      knee.low < most ? [`${names[index]} ${inFds(knee)}`] : [],
    );
    const finding =
      `Each socket more adds as much as the one before: cost grows with their number to the power of ${select} for select ` +
      `(watched), ${poll} for poll (watched) and ${epoll} for epoll (ready), from 10 to 1 000.`;
    if (judged.verdict !== 'holds' || bent.length === 0) return { ...judged, effects, finding, explanation };
    return {
      verdict: 'holds-when',
      condition: `N stays below the knee: ${bent.join(', ')}`,
      effects,
      finding,
      explanation,
    };
  },
};

const inFds = ({ low, high }: Effect): string => (low === high ? `${low} fds` : `${low} to ${high} fds`);
