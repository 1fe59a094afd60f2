import type { PlanContext } from './experiment.js';
import {
  openTurnSession,
  planTurns,
  TURN_FACTORS,
  type TurnExperiment,
  type TurnPoint,
} from './turn-experiment.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  /** All but hot turns and frequent wake-ups are measured in so many of them. */
  readonly coarseLaunches: number;
  readonly rounds: number;
  /** What is cold or sleeps takes many times longer than hot turns, and is made in every nth of them. */
  readonly longEvery: number;
  readonly watched: readonly number[];
  /** Of turns that sleep. */
  readonly wakesPerSecond: readonly number[];
}

/**
 * From so many wake-ups a second on a visit takes little time, and needs others: whether the CPU halts in between makes a turn that
 * sleeps up to five times dearer, and a visit sees mostly the one or mostly the other.
 */
const FREQUENT = 2000;
/** A server whose one active client answers at once sleeps for 50 to 100 us. */
const AS_IN_A_SERVER = [8000, 16_000];

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 3, coarseLaunches: 2, rounds: 4, longEvery: 4, watched: [1000], wakesPerSecond: [500] },
  standard: {
    launches: 5,
    coarseLaunches: 2,
    rounds: 3,
    longEvery: 3,
    watched: [1, 100, 1000],
    // 500 a second are among `watched-fds`, in more visits.
    wakesPerSecond: [50, 2000, ...AS_IN_A_SERVER],
  },
  thorough: {
    launches: 5,
    coarseLaunches: 5,
    rounds: 3,
    longEvery: 1,
    watched: [1, 10, 100, 500, 1000],
    wakesPerSecond: [50, 200, 500, 2000, ...AS_IN_A_SERVER],
  },
};

/** Where two copies of the same code are compared. */
const AGAIN_WATCHED = 1000;

export const temperature: TurnExperiment = {
  id: 'temperature',
  question: 'what does a turn cost with cold caches, and after sleep?',
  connectionsFactor: 'watched',
  plan(context) {
    const { launches, coarseLaunches, rounds, longEvery, watched, wakesPerSecond } = DESIGNS[context.profile];
    const values = allowedValues(context, context.probe.numbers.mostPairs);
    const points = values(watched).flatMap((count): TurnPoint[] => {
      const point = {
        watched: count,
        ready: 1,
        position: 'last',
        wakesPerSecond: 0,
        fileTable: context.probe.fileTable,
        socket: 'tcp',
      } as const;
      const long = { ...point, every: longEvery, launches: coarseLaunches };
      return [
        { ...point, timeout: 'zero', again: count === AGAIN_WATCHED },
        { ...long, timeout: 'zero', temperature: 'cold' },
        ...wakesPerSecond.map((rate) => ({
          ...long,
          timeout: 'slept' as const,
          wakesPerSecond: rate,
          ...(rate >= FREQUENT && { launches }),
        })),
      ];
    });
    return planTurns(
      { id: 'temperature', points, factors: TURN_FACTORS, launches, rounds, warnings: values.warnings },
      context,
    );
  },
  open: openTurnSession,
};
