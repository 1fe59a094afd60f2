import type { ChurnConditions } from '../processes/churn/protocol.js';
import { startChurn } from '../processes/control/parent.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import { ownSeries, planBatches, secondsOfRepeating, tooHigh } from './batch-plan.js';
import { type BatchSetting, openPairsSession } from './batch-session.js';
import type { Experiment, PlanContext } from './experiment.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  readonly watched: readonly number[];
}

/** As many as the fd limit allows. */
const MOST = Number.POSITIVE_INFINITY;

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 2, rounds: 1, watched: [10, 900] },
  standard: { launches: 2, rounds: 2, watched: [1, 10, 100, 900, 4000] },
  thorough: { launches: 5, rounds: 17, watched: [1, 10, 100, 500, 900, 2000, 4000, MOST] },
};

/** Beside the watched ones: the pair that is replaced, and the ends of a living connection with its listener. */
const BESIDE = 1;
const ALIVE = 3;
/** Each replacement of a registration, or life of a connection, is followed by the next. */
const CHURN = { socket: 'tcp', churnPer100: 100, instance: 'kept' } as const;

/** Warming up takes the most of it, and each launch does that. */
const ROUNDS_TO_START = { first: 3, later: 3 };

/** A life has three turns. */
const LIFE_S = 4e-5;
const SCAN_S = 3 * 9e-8;
const ASK_S = 3 * 4e-7;
/** Registrations are made until they last, in portions that take longer where the kernel has to be told. */
const REGISTRATIONS_S = { told: 0.01, untold: 0.003 } as const;

/**
 * A registration is one register and one unregister. Modify enters the life of a connection, in which each of the three
 * is called once: register for READ when it is accepted, modify to WRITE when its request is there, unregister when
 * the answer has gone.
 */
export const churn: Experiment<ChurnConditions, BatchSetting> = {
  id: 'churn',
  needsLinux: "what it measures waits with Linux's calls",
  question:
    'what does it cost to register and unregister an fd, and to serve a connection from accept to close?',
  connectionsFactor: 'watched',
  plan(context) {
    const { launches, rounds, watched } = DESIGNS[context.profile];
    const { numbers } = context.probe;
    const values = allowedValues(context, Math.max(0, numbers.mostPairs - BESIDE));
    const counts = values(watched);
    return planBatches(
      {
        id: 'churn',
        points: counts.map((count) => ({
          factors: {
            watched: count,
            churnPer100: CHURN.churnPer100,
            socket: CHURN.socket,
            instance: CHURN.instance,
          },
          conditions: { watched: count },
          socket: CHURN.socket,
          poolSize: count + BESIDE,
          seriesOf: (facts) =>
            ownSeries(count === 10, tooHigh(facts, context, numbers.first + count + BESIDE - 1 + ALIVE)),
          secondsOf: (facts, series) => secondsOfRepeating(secondsOf(count, facts), series),
        })),
        launches,
        rounds,
        roundsToStart: ROUNDS_TO_START,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: (launch, plan) => openPairsSession<ChurnConditions>(launch, plan, startChurn),
};

/** Of one life, its registrations included. */
function secondsOf(watched: number, { scansAll, blocks }: PollerFacts): number {
  const turns = scansAll ? watched * (blocks ? SCAN_S : ASK_S) : 0;
  return LIFE_S + turns + (scansAll ? REGISTRATIONS_S.untold : REGISTRATIONS_S.told);
}
