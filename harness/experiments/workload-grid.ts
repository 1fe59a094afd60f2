import type { PlanContext } from './experiment.js';
import { onePerCall } from './same-call.js';
import {
  LIFE_FACTORS,
  openTurnSession,
  planTurns,
  type TurnExperiment,
  type TurnPoint,
} from './turn-experiment.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  /** All but the most fds are measured in so many of them: how the table of many lies in the caches hangs on the launch. */
  readonly coarseLaunches: number;
  readonly rounds: number;
  readonly copiesPerRound?: number;
  readonly watched: readonly number[];
  /** The whole grid in little time: each call by one poller, and as JavaScript pays it. */
  readonly short?: boolean;
}

const COUNTS = [10, 100, 1000];
const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 3, coarseLaunches: 3, rounds: 1, copiesPerRound: 3, watched: COUNTS, short: true },
  standard: { launches: 6, coarseLaunches: 4, rounds: 1, copiesPerRound: 3, watched: COUNTS },
  thorough: { launches: 5, coarseLaunches: 5, rounds: 20, watched: COUNTS },
};

/** Beside one that is active. */
const ACTIVE_SHARES = [0.1, 0.5];
const CHURN_PER_100 = [0, 1, 100];
const TIMEOUTS = ['zero', 'finite'] as const;

/** Where two copies of the same code are compared. */
const AGAIN = { watched: 100, ready: 10, churnPer100: 0, timeout: 'zero' } as const;

export const workloadGrid: TurnExperiment = {
  id: 'workload-grid',
  question: 'which poller costs least over a grid of workloads, sender and reads included?',
  connectionsFactor: 'watched',
  plan(context) {
    const { launches, coarseLaunches, watched, short = false, ...rounds } = DESIGNS[context.profile];
    const values = allowedValues(context, context.probe.numbers.mostPairs);
    const counts = values(watched);
    const points = counts.flatMap((count) =>
      activeOf(count).flatMap((ready) =>
        CHURN_PER_100.flatMap((churnPer100) =>
          TIMEOUTS.map((timeout): TurnPoint => {
            const point = { watched: count, ready, churnPer100, timeout };
            return {
              ...point,
              position: ready === 1 ? 'last' : 'even',
              wakesPerSecond: 0,
              fileTable: context.probe.fileTable,
              socket: 'tcp',
              life: 'consumed-rotating',
              launches: count === counts.at(-1) ? launches : coarseLaunches,
              again: Object.entries(AGAIN).every(
                ([name, value]) => point[name as keyof typeof point] === value,
              ),
            };
          }),
        ),
      ),
    );
    return planTurns(
      {
        id: 'workload-grid',
        points,
        factors: LIFE_FACTORS,
        ...(short && { pollers: onePerCall(context, 'widest') }),
        rawOnly: short,
        launches,
        ...rounds,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: openTurnSession,
};

const activeOf = (watched: number): number[] => [
  ...new Set([1, ...ACTIVE_SHARES.map((share) => Math.max(1, Math.round(watched * share)))]),
];
