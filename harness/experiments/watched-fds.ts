import { BEYOND } from '../claims/needs.js';
import { beside } from './beside.js';
import type { PlanContext } from './experiment.js';
import {
  openTurnSession,
  planTurns,
  TURN_FACTORS,
  type TurnExperiment,
  type TurnPoint,
} from './turn-experiment.js';
import { allowedValues } from './values.js';

type Condition = Pick<TurnPoint, 'ready' | 'position' | 'timeout' | 'wakesPerSecond' | 'socket'>;

const standing = { wakesPerSecond: 0, socket: 'tcp' } as const;
const CONDITIONS = {
  idle: { ...standing, ready: 0, position: 'none', timeout: 'zero' },
  oneLast: { ...standing, ready: 1, position: 'last', timeout: 'zero' },
  finite: { ...standing, ready: 1, position: 'last', timeout: 'finite' },
  infinite: { ...standing, ready: 1, position: 'last', timeout: 'infinite' },
  finiteFirst: { ...standing, ready: 1, position: 'first', timeout: 'finite' },
  slept: { ...standing, ready: 1, position: 'first', timeout: 'slept', wakesPerSecond: 500 },
  idleUnix: { ...standing, ready: 0, position: 'none', timeout: 'zero', socket: 'unix' },
  idleEventfd: { ...standing, ready: 0, position: 'none', timeout: 'zero', socket: 'eventfd' },
} satisfies Record<string, Condition>;

interface Design extends Record<keyof typeof CONDITIONS, readonly number[]> {
  readonly launches: number;
  /** What no line is fitted to and no growth is read from is measured in so many of them: what is asked there is a multiple. */
  readonly coarseLaunches: number;
  readonly rounds: number;
}

/** As many as the fd limit allows. */
const MOST = Number.POSITIVE_INFINITY;
const STANDARD_COUNTS = [1, 2, 4, 10, 16, 32, 100, 200, 500, 1000, 2000, 4000, MOST];
/**
 * A cost model is tried on whole experiments, with what is nearly one of their turns taken from the others: `ready-fds` has 1 000
 * as well, and not this one, so that what lies beyond the second level of cache stays told without either.
 */
const BESIDE_READY_FDS = 700;
const THOROUGH_COUNTS = [...STANDARD_COUNTS, 3, 6, 8, 12, 24, 48, 64, 150, 300, 350, 700, 1500, 3000, 6000];

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: {
    launches: 8,
    coarseLaunches: 2,
    rounds: 3,
    idle: [1, 10, 16, 32, 100, 200, 500, BESIDE_READY_FDS, 1000],
    oneLast: [1, 10, 100, 1000, MOST],
    finite: [1, 100, 1000],
    infinite: [1000],
    finiteFirst: [1000],
    slept: [1, 1000],
    idleUnix: [],
    idleEventfd: [],
  },
  standard: {
    launches: 5,
    coarseLaunches: 3,
    rounds: 2,
    idle: [...STANDARD_COUNTS, BESIDE_READY_FDS],
    oneLast: [1, 10, 100, 500, 1000, 4000, MOST],
    finite: [1, 10, 100, 500, 1000, 2000],
    infinite: [10, 100, 1000],
    finiteFirst: [100, 1000],
    slept: [1, 100, 1000, 4000],
    idleUnix: [100, 500],
    idleEventfd: [],
  },
  thorough: {
    launches: 5,
    coarseLaunches: 5,
    rounds: 8,
    idle: THOROUGH_COUNTS,
    oneLast: THOROUGH_COUNTS,
    finite: STANDARD_COUNTS,
    infinite: STANDARD_COUNTS,
    finiteFirst: STANDARD_COUNTS,
    slept: [1, 10, 100, 500, 1000, 4000, MOST],
    idleUnix: [1, 10, 100, 500, 900],
    idleEventfd: [1, 10, 100, 500, 900],
  },
};

const isBeyond = (condition: string, watched: number): boolean =>
  (condition === 'oneLast' || condition === 'slept') && BEYOND.idle.watched.includes(watched);

/** How cost grows with the fds that are silent: of two launches a neighbour leaves one, or none, at full speed. */
const GROWTH = { condition: 'oneLast', watched: [1, 1000] } as const;

const isFine = (condition: string, watched: number): boolean =>
  condition === 'idle' ||
  (condition === GROWTH.condition && (GROWTH.watched as readonly number[]).includes(watched));

/** Where two copies of the same code are compared. */
const AGAIN = { condition: 'idle', watched: [1, 100, 1000] } as const;

export const watchedFds: TurnExperiment = {
  id: 'watched-fds',
  question: 'what does a turn cost as the number of watched fds grows, under each kind of timeout?',
  connectionsFactor: 'watched',
  plan(context) {
    const design = DESIGNS[context.profile];
    const values = allowedValues(context, context.probe.numbers.mostPairs);
    const fileTable = context.probe.fileTable;
    const points = Object.entries(CONDITIONS).flatMap(([name, condition]) =>
      values(design[name as keyof typeof CONDITIONS]).map((watched) => ({
        ...condition,
        ...(isFine(name, watched) ? {} : { launches: design.coarseLaunches }),
        watched,
        fileTable,
        ...(isBeyond(name, watched) && { beside: beside(context, BEYOND.idle.pollers) }),
        again: name === AGAIN.condition && (AGAIN.watched as readonly number[]).includes(watched),
      })),
    );
    return planTurns(
      {
        id: 'watched-fds',
        points,
        factors: TURN_FACTORS,
        launches: design.launches,
        rounds: design.rounds,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: openTurnSession,
};
