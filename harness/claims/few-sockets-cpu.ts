import { ofQuantity } from '../results/effect-factors.js';
import type { Effect } from '../results/run-schema.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, type Judged, moreRounds, positionBelow, within } from './claim.js';
import type { CellQuery, Evidence } from './evidence.js';
import { ns, times } from './figure-text.js';
import { type Beyond, beyondLimits } from './joint.js';

/** "In the order of 10 or fewer". */
const FEW = 10;
const NEEDED = [1, 2, 4, 6, 8, 10];
const CHEAPER = 1;

const STATES = {
  IdleZero: { inWords: 'none ready, zero timeout', factors: { ready: 0, timeout: 'zero' } },
  ReadyZero: { inWords: 'one ready, zero timeout', factors: { ready: 1, timeout: 'zero' } },
  ReadyFinite: { inWords: 'the last one ready, finite timeout', factors: { ready: 1, timeout: 'finite' } },
} as const;
const LIVES = {
  steady: { inWords: 'the set stays', factors: { churnPer100: 0, instance: 'kept' } },
  churn: { inWords: 'one fd replaced each turn', factors: { churnPer100: 100, instance: 'kept' } },
  fresh: { inWords: 'a fresh instance each turn', factors: { churnPer100: 0, instance: 'fresh' } },
} as const;

interface Condition {
  readonly name: string;
  readonly inWords: string;
  readonly isSteady: boolean;
  readonly factors: Record<string, string | number>;
}

const CONDITIONS: readonly Condition[] = Object.entries(LIVES).flatMap(([life, { inWords, factors }]) =>
  Object.entries(STATES).map(([state, of]) => ({
    name: `${life}${state}`,
    inWords: `${inWords}, ${of.inWords}`,
    isSteady: life === 'steady',
    factors: { ...factors, ...of.factors, life: 'standing', socket: 'tcp' },
  })),
);

const cellAt = (
  evidence: Evidence,
  poller: string,
  { factors }: Condition,
  watched: number,
  series: 'pollcost' | 'c-twin' = 'pollcost',
) => evidence.cell({ experiment: 'few-sockets', poller, series, factors: { ...factors, watched } });

/** select over epoll at one count, as JavaScript pays it (raw) and as C does (net). */
interface Comparison {
  readonly watched: number;
  readonly raw: Effect;
  readonly net: Effect;
}

function compare(evidence: Evidence, condition: Condition): Comparison[] {
  const counts = evidence
    .cells({ experiment: 'few-sockets', poller: 'epoll', factors: condition.factors })
    .map(({ factors }) => Number(factors.watched))
    .sort((a, b) => a - b);
  return counts.map((watched) => {
    const ratio = (kind: string, series: 'pollcost' | 'c-twin') =>
      evidence.ratio(
        `${condition.name}SelectOverEpoll${kind}At${watched}`,
        cellAt(evidence, 'select', condition, watched, series),
        cellAt(evidence, 'epoll', condition, watched, series),
        watched <= FEW,
      );
    const judged = (effect: Effect) => (watched <= FEW ? within(effect, { to: CHEAPER }) : effect);
    return { watched, raw: judged(ratio('', 'pollcost')), net: judged(ratio('Net', 'c-twin')) };
  });
}

interface Finding {
  readonly condition: Condition;
  readonly support: 'supports' | 'refutes' | 'open';
  readonly dearer: Beyond;
  readonly comparisons: readonly Comparison[];
  readonly crossover: Effect;
  /** The largest count of all that were measured. */
  readonly most: number;
}

/** What decides a condition: all of these below 1 support it, any one above refutes it. */
const decisive = (comparisons: readonly Comparison[]): Judged[] =>
  comparisons
    .filter(({ watched }) => watched <= FEW)
    .flatMap(({ raw, net }) => [raw, net].map((effect) => within(effect, { to: CHEAPER })));

const isBelow = (effect: Effect): boolean => positionBelow(effect, CHEAPER) === 'inside';
const isAbove = (effect: Effect): boolean => positionBelow(effect, CHEAPER) === 'outside';

function find(evidence: Evidence, condition: Condition): Finding {
  const all = compare(evidence, condition);
  const effects = decisive(all);
  const dearer = beyondLimits(evidence, effects, (joint) => decisive(compare(joint, condition)), isAbove);
  const decided = dearer.together.length > 0 ? 'refutes' : effects.every(isBelow) ? 'supports' : 'open';
  const steps = all.map(({ watched, raw, net }) => ({ at: watched, ...(net.high > raw.high ? net : raw) }));
  return {
    condition,
    support: decided,
    dearer,
    comparisons: all,
    crossover: ofQuantity(
      'flipAtWatched',
      boundaryWhere(`${condition.name}CrossoverWatched`, steps, CHEAPER, condition.factors),
    ),
    most: all.at(-1)?.watched ?? 0,
  };
}

const isCheaper = ({ support }: Finding): boolean => support === 'supports';

const flipsAt = ({ crossover, most }: Finding): string => {
  if (crossover.low >= most) return `up to the ${most} that were measured`;
  return `up to ${crossover.low} to ${crossover.high} fds`;
};

export const fewSocketsCpu: ClaimDefinition = {
  id: 'few-sockets-cpu',
  source: 'answer',
  kind: 'measured',
  statement: 'on very few sockets, ten or fewer, select can beat epoll in run time',
  rule: {
    version: 3,
    text:
      'CPU time of a turn, select over epoll, N = 1..16 real sockets, nine conditions: {none ready and zero timeout; one ' +
      'ready and zero; the last ready and finite} x {the set stays; one of the N is unregistered and registered again each ' +
      'turn; the instance is made, filled, waited on once and closed}. A condition supports the claim if the upper end of ' +
      'the ratio is below 1, and not at it, at every N of 1, 2, 4, 6, 8 and 10, all of which must be there, and at what else ' +
      'was measured up to 10, raw and net of the binding; one ratio wholly above refutes it, by an interval that holds for all ' +
      'ratios of the condition at once. Holds if all three do in which the set stays; holds-when if any condition does, by ' +
      'intervals that hold for all nine at once, each with the N where it flips; fails if all are refuted.',
  },
  evidence: ['few-sockets'],
  judge(evidence) {
    requireGrid(evidence);
    const findings = CONDITIONS.map((condition) => find(evidence, condition));
    const [first, all] = [
      [...findings.map(worst), ...findings.map(({ crossover }) => crossover)],
      findings.flatMap(({ comparisons }) => comparisons.flatMap(({ raw, net }) => [raw, net])),
    ];
    const costs = TOLD.flatMap((name) =>
      (['select', 'epoll'] as const).map((poller) => costOfOne(evidence, poller, name)),
    );
    const effects = [...new Set([...first, ...all, ...costs])];
    const explanation = explain(costs, findings);
    const finding = tell(findings);
    const steady = findings.filter(({ condition }) => condition.isSteady);
    if (steady.every(isCheaper)) return { verdict: 'holds', effects, finding, explanation };
    const supporting = findings.filter((each) => isCheaper(each) && isSureOfAny(evidence, each.condition));
    const open = findings.filter((each) => each.support !== 'refutes' && !supporting.includes(each));
    const mayHold = steady.every(({ support }) => support !== 'refutes');
    if (open.length > 0 && (mayHold || supporting.length === 0))
      return { ...moreRounds(whyOpen(open), wantedOf(open)), effects, finding, explanation };
    const decided = { effects, finding, explanation: explanation + BY_JOINT };
    if (supporting.length === 0) return { verdict: 'fails', ...decided };
    const where = supporting.map((finding) => `${finding.condition.inWords} (${flipsAt(finding)})`);
    return { verdict: 'holds-when', condition: where.join('; '), ...decided };
  },
};

const BY_JOINT =
  ' Any figure of a condition can refute it, and any condition can support the sentence: it is decided by intervals that hold for ' +
  'all figures of a condition, and for all nine conditions, at once.';

function requireGrid(evidence: Evidence): void {
  const queries = CONDITIONS.flatMap(({ factors }) =>
    NEEDED.flatMap((watched) =>
      (['pollcost', 'c-twin'] as const).flatMap((series) =>
        ['select', 'epoll'].map(
          (poller): CellQuery => ({
            experiment: 'few-sockets',
            poller,
            series,
            factors: { ...factors, watched },
          }),
        ),
      ),
    ),
  );
  evidence.grid(queries);
}

/** Whether select is cheaper in a condition by intervals that hold for all conditions, any of which makes it hold under a condition. */
const isSureOfAny = (evidence: Evidence, condition: Condition): boolean =>
  decisive(compare(evidence.jointly(CONDITIONS.length), condition)).every(isBelow);

/** The figures of which more rounds would help: of a condition that is not cheaper those that are not surely, of others the dearest. */
const wantedOf = (open: readonly Finding[]): Effect[] =>
  open.flatMap((each) => {
    const figures = decisive(each.comparisons);
    if (isCheaper(each)) return figures.reduce((a, b) => (b.high > a.high ? b : a));
    return figures.filter((effect) => !isBelow(effect));
  });

/** What keeps conditions open. Where that is not only intervals that straddle 1, it names the figures of which more rounds would help. */
function whyOpen(open: readonly Finding[]): string {
  const [cheaper, others] = [open.filter(isCheaper), open.filter((each) => !isCheaper(each))];
  const dearer = others.filter((each) => each.dearer.alone.length > 0);
  const astride = others.filter((each) => !dearer.includes(each));
  const names = wantedOf([...others, ...cheaper])
    .map(({ name }) => name)
    .join(', ');
  const where = (of: readonly Finding[]) => of.map(({ condition }) => condition.inWords).join('; ');
  const reasons: [readonly Finding[], string][] = [
    [astride, `the ratio straddles 1 where ${where(astride)}`],
    [
      dearer,
      `select is dearer where ${where(dearer)} by a figure's own interval, but not by one that holds for all figures of the ` +
        'condition at once, any of which would decide',
    ],
    [
      cheaper,
      `select is cheaper where ${where(cheaper)} by each figure's own interval, but not by those that hold for all nine ` +
        'conditions at once, any of which would decide',
    ],
    [[...dearer, ...cheaper], `what helps are rounds of ${names}`],
  ];
  return reasons.flatMap(([of, why]) => (of.length > 0 ? [why] : [])).join('; ');
}

function tell(findings: readonly Finding[]): string {
  const at = (name: string) =>
    findings
      .find(({ condition }) => condition.name === name)
      ?.comparisons.find(({ watched }) => watched === FEW)?.raw.value ?? Number.NaN;
  return (
    `With ${FEW} sockets, one of them ready, select takes ${times(at('steadyReadyZero'))} times the CPU time of epoll where ` +
    `the set stays, and ${times(at('freshReadyZero'))} times where each turn has a fresh instance.`
  );
}

/** Where select does worst among few sockets, as JavaScript pays it. */
function worst({ comparisons }: Finding): Effect {
  const few = comparisons.filter(({ watched }) => watched <= FEW).map(({ raw }) => raw);
  return few.reduce((a, b) => (b.high > a.high ? b : a));
}

/** The conditions whose costs are told, with one fd. */
const TOLD = ['steadyIdleZero', 'churnReadyZero', 'freshReadyZero'] as const;

function costOfOne(evidence: Evidence, poller: 'select' | 'epoll', name: (typeof TOLD)[number]): Effect {
  const condition = CONDITIONS.find((candidate) => candidate.name === name) as Condition;
  const cell = cellAt(evidence, poller, condition, 1);
  return evidence.figure(`${name}CostAt1Under-${poller}`, cell, 'cpuNsPerTurn', false);
}

function explain(costs: readonly Effect[], findings: readonly Finding[]): string {
  const cost = (poller: 'select' | 'epoll', told: (typeof TOLD)[number]) =>
    ns(costs.find(({ name }) => name === `${told}CostAt1Under-${poller}`) ?? { value: Number.NaN });
  const fresh = findings.find(({ condition }) => condition.name === 'freshReadyZero');
  return (
    'With a set that stays, select copies three bitmaps in and three out and asks each file (core_sys_select(), do_select()), ' +
    'while ep_poll() looks at a ready list: with one fd and none ready a turn cost ' +
    `${cost('select', 'steadyIdleZero')} under select and ${cost('epoll', 'steadyIdleZero')} under epoll. What epoll has ` +
    'already paid is registration: epoll_ctl() is a system call for each change, and it allocates an epitem and hooks into the ' +
    `socket's wait queue. Replacing one fd each turn made that ${cost('select', 'churnReadyZero')} against ` +
    `${cost('epoll', 'churnReadyZero')}, and an instance that lives for one wait (epoll_create1(), all adds, close) ` +
    `${cost('select', 'freshReadyZero')} against ${cost('epoll', 'freshReadyZero')}` +
    (fresh ? `; select took at most ${times(worst(fresh).value)} of epoll's time there.` : '.')
  );
}
