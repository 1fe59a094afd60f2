import type { PlanContext } from './experiment.js';
import {
  openTurnSession,
  planTurns,
  poolSizeFor,
  type TurnExperiment,
  type TurnPoint,
} from './turn-experiment.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  /** Numbers of the one fd that is watched. */
  readonly numbers: readonly number[];
}

/** The highest number that the fd limit allows. */
const HIGHEST = Number.POSITIVE_INFINITY;
const STANDARD_NUMBERS = [
  32,
  50,
  63,
  64,
  100,
  128,
  200,
  256,
  319,
  320,
  512,
  700,
  1000,
  1023,
  2048,
  4096,
  HIGHEST,
];

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 3, rounds: 2, numbers: [32, 50, 100, 319, 320, 1000, HIGHEST] },
  standard: { launches: 4, rounds: 2, numbers: STANDARD_NUMBERS },
  thorough: {
    launches: 5,
    rounds: 30,
    numbers: [...STANDARD_NUMBERS, 75, 160, 400, 600, 850, 1024, 3000, 8192],
  },
};

/** One more watched fd, for comparison: this many fds that end at 100, against the one at 100. */
const COUNT_BESIDE = 51;
const NUMBER_BESIDE = 100;

export const highestFd: TurnExperiment = {
  id: 'highest-fd',
  question: 'does a turn cost by the number of the highest fd, or by how many are watched?',
  plan(context) {
    const { launches, rounds, numbers } = DESIGNS[context.profile];
    const { numbers: fds } = context.probe;
    const beside = { highestFd: NUMBER_BESIDE, watched: COUNT_BESIDE };
    const besideFits = poolSizeFor(beside, fds) <= fds.mostPairs;
    const poolSize = besideFits ? Math.max(1, poolSizeFor(beside, fds)) : 1;
    const base = {
      ready: 0,
      position: 'none',
      timeout: 'zero',
      wakesPerSecond: 0,
      socket: 'tcp',
      fileTable: context.probe.fileTable,
    } as const;
    // The pool's peers hold the numbers just below the spare ones.
    const isFree = (number: number) => number <= fds.last - fds.spare - poolSize || number === fds.last;
    const possible = numbers.map((number) => Math.min(number, fds.last)).filter(isFree);
    const points: TurnPoint[] = [...new Set(possible)]
      .sort((a, b) => a - b)
      .map((number) => ({ ...base, highestFd: number, watched: 1, again: number === NUMBER_BESIDE }));
    if (besideFits) points.push({ ...base, ...beside });
    return planTurns(
      {
        id: 'highest-fd',
        points,
        factors: ['highestFd', 'watched', 'position', 'timeout', 'fileTable', 'socket'],
        launches,
        rounds,
        warnings: [],
      },
      context,
    );
  },
  open: openTurnSession,
};
