import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, Factors, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, type Judged, within } from './claim.js';
import { conditionsOf, type Evidence, optional } from './evidence.js';
import { ns, times } from './figure-text.js';
import { beyondLimits, byJoint, judgeJointly } from './joint.js';

const SAME = { from: 0.9, to: 1.1 };
const NEXT_TO_NOTHING = { to: 0.01 };
const POLLERS = { select: 'select-wide', poll: 'poll', epoll: 'epoll' } as const;

/** Watched and ready. */
const NEEDED = [
  [100, 100],
  [200, 100],
  [1000, 100],
  [1000, 1000],
] as const;
const STANDING = { timeout: 'zero', life: 'standing', socket: 'tcp' } as const;

type Life = 'standing' | 'consumed-same' | 'consumed-rotating';

const cellAt = (
  evidence: Evidence,
  poller: string,
  watched: number,
  ready: number,
  series: 'pollcost' | 'c-twin' = 'pollcost',
  life: Life = 'standing',
) =>
  evidence.cell({
    experiment: 'ready-fds',
    poller,
    series,
    factors: { watched, ready, ...STANDING, life },
  });

/** What a hundred more, idle, fds cost beside a hundred ready ones. */
const ratioOf = (
  evidence: Evidence,
  name: string,
  poller: string,
  decides: boolean,
  series: 'pollcost' | 'c-twin' = 'pollcost',
) =>
  evidence.ratio(
    name,
    cellAt(evidence, poller, 200, 100, series),
    cellAt(evidence, poller, 100, 100, series),
    decides,
  );

/**
 * What one more idle fd costs, between 200 and 1 000 watched with 100 ready, over what one more ready fd does, between 100 and
 * 1 000 ready of 1 000. Two cells of the same cost may differ by the noise floor, and so may the slope by that over 800 fds.
 */
function slopes(evidence: Evidence, poller: string, decides: boolean): Effect {
  const cells = [
    cellAt(evidence, poller, 200, 100),
    cellAt(evidence, poller, 1000, 100),
    cellAt(evidence, poller, 1000, 1000),
  ];
  const name = `${poller}IdleOverReadySlope`;
  const { ratio, noise } = evidence.costs(name, 'cpuNsPerTurn', cells, ([few = 0, many = 0, all = 0]) => {
    const ready = (all - many) / 900;
    return {
      ratio: (many - few) / 800 / ready,
      noise: (few * (evidence.noiseFactorOf('ready-fds') - 1)) / 800 / ready,
    };
  });
  return ofQuantity('silentOverReadyFd', {
    name,
    value: ratio.value,
    low: ratio.low - noise.value,
    high: ratio.high + noise.value,
    unit: 'ratio',
    n: ratio.n,
    decides,
    factors: slopeFactors(cells),
  });
}

/** What the cells of a slope have in common. */
function slopeFactors(cells: readonly MeasuredCell[]): Factors {
  const [first = {}, ...others] = cells.map(conditionsOf);
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}

/** Where the events come and are read, the pollers pay in other ways; shown, not judged. */
const consumed = (evidence: Evidence): Effect[] =>
  (['epoll', 'epoll-et', 'poll'] as const).flatMap((poller) =>
    (['consumed-same', 'consumed-rotating'] as const).flatMap((life) =>
      optional(() => {
        const name = `${poller}${life === 'consumed-same' ? 'Same' : 'Rotating'}Cycle1000Over200With100Ready`;
        const [many, few] = [1000, 200].map((watched) =>
          cellAt(evidence, poller, watched, 100, 'pollcost', life),
        ) as [MeasuredCell, MeasuredCell];
        return ofQuantity('cpuNsPerCycle', evidence.ratio(name, many, few, false, 'cpuNsPerCycle'));
      }),
    ),
  );

export const payForReady: ClaimDefinition = {
  id: 'pay-for-ready',
  source: 'answer',
  kind: 'measured',
  statement:
    'epoll costs by the fds that have events: watching 200 of which 100 are ready, you pay for the 100',
  rule: {
    version: 3,
    text:
      'CPU time of a turn of level-triggered epoll, readiness standing, room for all events: 200 watched and 100 ready over ' +
      '100 watched and 100 ready within 0.9..1.1, and the cost of one more idle fd (200 to 1 000 watched, 100 ready) below ' +
      '1 % of the cost of one more ready fd (100 to 1 000 ready of 1 000). Holds if both do, fails if one lies outside by an interval that ' +
      'holds for both at once. ' +
      'Edge-triggered and consumed readiness, select and poll stand beside it.',
  },
  evidence: ['ready-fds'],
  judge(evidence) {
    evidence.grid(
      NEEDED.map(([watched, ready]) => ({
        experiment: 'ready-fds',
        poller: POLLERS.epoll,
        factors: { watched, ready, ...STANDING },
      })),
    );
    const judged = (from: Evidence): [Judged, Judged] => [
      within(ratioOf(from, 'epollCost200Over100', POLLERS.epoll, true), SAME),
      within(slopes(from, POLLERS.epoll, true), NEXT_TO_NOTHING),
    ];
    const both = judged(evidence);
    const [ratio] = both;
    const beyond = beyondLimits(evidence, both, judged);
    const [ofHundred, ofTwoHundred] = [100, 200].map((watched) =>
      evidence.figure(
        `epollCostOf100ReadyOf${watched}`,
        cellAt(evidence, POLLERS.epoll, watched, 100),
        'cpuNsPerTurn',
        false,
      ),
    ) as [Effect, Effect];
    const beside = [
      ofHundred,
      ofTwoHundred,
      ...optional(() => ratioOf(evidence, 'epollNetCost200Over100', POLLERS.epoll, false, 'c-twin')),
      ...(['select', 'poll'] as const).flatMap((name) => [
        ...optional(() => ratioOf(evidence, `${name}Cost200Over100`, POLLERS[name], false)),
        ...optional(() => slopes(evidence, POLLERS[name], false)),
      ]),
      ...consumed(evidence),
    ];
    return {
      ...judgeJointly(both, beyond),
      effects: [...both, ...beside],
      finding: `With 100 sockets ready, watching 200 costs epoll ${times(ratio.value)} times what watching just those 100 costs.`,
      explanation:
        'ep_send_events() walks the ready list and asks only the files on it; an fd without events is in a red-black tree that ' +
        'waiting never touches. With 100 ready a turn cost ' +
        `${ns(ofHundred)} where 100 were watched and ` +
        `${ns(ofTwoHundred)} where 200 were, a factor of ${times(ratio.value)}. These fds stay ready, ` +
        'which is the kindest case for epoll: where events come and are read, each also costs its sender a callback ' +
        '(ep_poll_callback), and level-triggered epoll asks it once more.' +
        byJoint(beyond),
    };
  },
};
