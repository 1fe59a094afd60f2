import { ofQuantity } from '../results/effect-factors.js';
import type { Effect } from '../results/run-schema.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, moreRounds, positionBelow, within } from './claim.js';
import type { CellQuery, Evidence } from './evidence.js';
import { ns, times } from './figure-text.js';

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
  readonly comparisons: readonly Comparison[];
  readonly crossover: Effect;
  /** The largest count of all that were measured. */
  readonly most: number;
}

function find(evidence: Evidence, condition: Condition): Finding {
  const all = compare(evidence, condition);
  const few = all.filter(({ watched }) => watched <= FEW);
  const positions = few.flatMap(({ raw, net }) => [raw, net].map((effect) => positionBelow(effect, CHEAPER)));
  const decided = positions.includes('outside')
    ? 'refutes'
    : positions.includes('astride')
      ? 'open'
      : 'supports';
  const steps = all.map(({ watched, raw, net }) => ({ at: watched, ...(net.high > raw.high ? net : raw) }));
  return {
    condition,
    support: decided,
    comparisons: all,
    crossover: ofQuantity(
      'flipAtWatched',
      boundaryWhere(`${condition.name}CrossoverWatched`, steps, CHEAPER, condition.factors),
    ),
    most: all.at(-1)?.watched ?? 0,
  };
}

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
    version: 2,
    text:
      'CPU time of a turn, select over epoll, N = 1..16 real sockets, nine conditions: {none ready and zero timeout; one ' +
      'ready and zero; the last ready and finite} x {the set stays; one of the N is unregistered and registered again each ' +
      'turn; the instance is made, filled, waited on once and closed}. A condition supports the claim if the upper end of ' +
      'the ratio is below 1, and not at it, at every N of 1, 2, 4, 6, 8 and 10, all of which must be there, and at what else ' +
      'was measured up to 10, raw and net of the binding. Holds if all three do in which the set stays; holds-when if any ' +
      'condition does, each with the N where it flips; fails if none does.',
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
    const supporting = findings.filter(({ support }) => support === 'supports');
    if (steady.every(({ support }) => support === 'supports'))
      return { verdict: 'holds', effects, finding, explanation };
    const open = findings.filter(({ support }) => support === 'open');
    const mayHold = steady.every(({ support }) => support !== 'refutes');
    if (open.length > 0 && (mayHold || supporting.length === 0)) {
      const which = open.map(({ condition }) => condition.inWords).join('; ');
      return { ...moreRounds(`the ratio straddles 1 where ${which}`), effects, finding, explanation };
    }
    if (supporting.length === 0) return { verdict: 'fails', effects, finding, explanation };
    const where = supporting.map((finding) => `${finding.condition.inWords} (${flipsAt(finding)})`);
    return { verdict: 'holds-when', condition: where.join('; '), effects, finding, explanation };
  },
};

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
