import { BEYOND } from '../claims/needs.js';
import type { ChainConditions } from '../processes/cascade/protocol.js';
import { startCascade } from '../processes/control/parent.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import { ownSeries, planBatches, secondsOfRepeating, seriesNamed, tooHigh } from './batch-plan.js';
import { type BatchSetting, openPairsSession } from './batch-session.js';
import { beside } from './beside.js';
import type { Experiment, PlanContext, Visit } from './experiment.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  readonly chains: readonly ChainConditions[];
}

/** As many as the fd limit allows. */
const MOST = Number.POSITIVE_INFINITY;
const chain = (pairs: number, active: number, writes: number): ChainConditions => ({ pairs, active, writes });
const QUICK = [chain(100, 1, 100), chain(100, 10, 1000), chain(1000, 1, 100)];
const STANDARD = [...QUICK, chain(1000, 100, 1000), chain(4000, 1, 100)];

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 2, rounds: 1, chains: QUICK },
  standard: { launches: 2, rounds: 1, chains: STANDARD },
  thorough: {
    launches: 5,
    rounds: 14,
    chains: [
      ...STANDARD,
      chain(10, 1, 100),
      chain(100, 100, 1000),
      chain(400, 1, 100),
      chain(400, 100, 1000),
      chain(4000, 100, 1000),
      chain(MOST, 1, 100),
    ],
  },
};

/** Where two copies of the same code are compared. */
const isAgain = ({ pairs, active }: ChainConditions): boolean => pairs === 100 && active === 1;

/** Warming up takes the most of it, and each launch does that. */
const ROUNDS_TO_START = { first: 3, later: 3 };

/** A byte received and a byte sent, and their share of a turn that does not look at every fd. */
const EVENT_S = 3e-6;
const SCAN_S = 6e-8;
/** A poller that does not block makes a system call for every fd. */
const ASK_S = 4e-7;

export const cascade: Experiment<ChainConditions, BatchSetting> = {
  id: 'cascade',
  needsLinux: "what it measures waits with Linux's calls",
  question:
    "what does an event cost on our loop in libevent's benchmark, where bytes are passed from pair to pair?",
  plan(context) {
    const { launches, rounds, chains } = DESIGNS[context.profile];
    const { numbers } = context.probe;
    const values = allowedValues({ ...context, connections: null }, numbers.mostPairs);
    const allowed = values(chains.map(({ pairs }) => pairs));
    const fitted = chains
      .map((each) => ({ ...each, pairs: each.pairs === MOST ? numbers.mostPairs : each.pairs }))
      .filter(({ pairs, active }) => allowed.includes(pairs) && active <= pairs);
    return planBatches(
      {
        id: 'cascade',
        points: fitted.map((conditions) => ({
          factors: { ...conditions },
          conditions,
          socket: 'unix',
          poolSize: conditions.pairs,
          beside: beside(context, BEYOND.cascade.pollers),
          seriesOf: (facts) => {
            const skip = tooHigh(facts, context, numbers.first + conditions.pairs - 1);
            return [...ownSeries(isAgain(conditions), skip), ...completionOf(facts, conditions)];
          },
          secondsOf: (facts, series) => secondsOfRepeating(secondsOf(conditions, facts), series),
        })),
        launches,
        rounds,
        roundsToStart: ROUNDS_TO_START,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: (launch, plan) => openPairsSession<ChainConditions>(launch, plan, startCascade),
};

/** Where the call that waits can also read and write: chains that make use of that. */
const completionOf = ({ call }: PollerFacts, { pairs }: ChainConditions): Visit['series'] =>
  call !== 'io_uring'
    ? []
    : seriesNamed(
        ['completion'],
        2 * pairs > MOST_RING_ENTRIES
          ? `a ring has no room for ${pairs} pairs that read and write`
          : undefined,
      );

/** What one ring takes at most. */
const MOST_RING_ENTRIES = 32_768;

/** Of one chain. */
function secondsOf({ pairs, active, writes }: ChainConditions, { scansAll, blocks }: PollerFacts): number {
  const events = active + writes;
  const turn = scansAll ? pairs * (blocks ? SCAN_S : ASK_S) : 0;
  return events * EVENT_S + Math.ceil(events / active) * turn;
}
