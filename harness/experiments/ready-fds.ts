import { BEYOND } from '../claims/needs.js';
import { beside } from './beside.js';
import type { PlanContext } from './experiment.js';
import {
  LIFE_FACTORS,
  openTurnSession,
  planTurns,
  type TurnExperiment,
  type TurnPoint,
} from './turn-experiment.js';
import { allowedValues } from './values.js';

type Life = NonNullable<TurnPoint['life']>;

/** Ready counts by the number of watched fds. */
type Sweep = readonly { readonly watched: number; readonly ready: readonly number[] }[];

interface Design {
  readonly launches: number;
  readonly rounds: number;
  /** Measured in every life of readiness that can be. */
  readonly sweep: Sweep;
  readonly lives: readonly Life[];
  /** Ready counts above this are left standing only: so many messages take most of the time. */
  readonly mostConsumed: number;
  /** Messages are measured in so many of the launches. */
  readonly consumedLaunches: number;
  /** And what a claim holds against a few per cent in all of them, the rest in so many. */
  readonly coarseLaunches: number;
  /** Of pollers that look at every fd: what claims say of ready ones they say of epoll. Copies are compared in all. */
  readonly launchesOfScanners: number;
  /** All of the watched fds ready, and left so. */
  readonly allReady: readonly number[];
}

const SWEEP: Sweep = [
  { watched: 100, ready: [100] },
  { watched: 200, ready: [0, 1, 10, 50, 100, 200] },
  { watched: 1000, ready: [0, 1, 10, 100, 500, 1000] },
];
/** Of `watched-fds` no count is nearly as large: with that experiment held out of a cost model, this still tells of many idle fds. */
const BESIDE_WATCHED_FDS: Sweep = [{ watched: 840, ready: [0] }];
const LIVES: readonly Life[] = ['standing', 'consumed-same', 'consumed-rotating'];

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: {
    launches: 8,
    coarseLaunches: 8,
    launchesOfScanners: 4,
    rounds: 3,
    sweep: [
      { watched: 100, ready: [100] },
      { watched: 200, ready: [0, 10, 100] },
      { watched: 1000, ready: [100] },
    ],
    lives: ['standing'],
    mostConsumed: 0,
    consumedLaunches: 0,
    allReady: [10, 20, 50, 100, 200, 500, 1000],
  },
  standard: {
    launches: 8,
    coarseLaunches: 5,
    launchesOfScanners: 5,
    rounds: 2,
    sweep: [...SWEEP, ...BESIDE_WATCHED_FDS],
    lives: LIVES,
    mostConsumed: 100,
    consumedLaunches: 3,
    allReady: [10, 20, 50, 100, 200, 500, 1000, 2000, 4000],
  },
  thorough: {
    launches: 5,
    coarseLaunches: 5,
    launchesOfScanners: 5,
    rounds: 9,
    sweep: SWEEP,
    lives: LIVES,
    mostConsumed: 1000,
    consumedLaunches: 5,
    allReady: [10, 20, 50, 100, 200, 500, 700, 1000, 2000, 4000],
  },
};

/** Where two copies of the same code are compared. */
const AGAIN = { watched: 200, ready: [0, 100] } as const;
/** `pay-for-ready`: an idle fd is held against a hundredth of a ready one. With these the copies of theirs, whose noise widens it. */
const FINE: Sweep = [
  { watched: 100, ready: [100] },
  { watched: AGAIN.watched, ready: AGAIN.ready },
  { watched: 1000, ready: [100, 1000] },
];

export const readyFds: TurnExperiment = {
  id: 'ready-fds',
  question: 'what does a turn cost as more of the watched fds are ready, left so or consumed?',
  connectionsFactor: 'watched',
  plan(context) {
    const design = DESIGNS[context.profile];
    const values = allowedValues(context, context.probe.numbers.mostPairs);
    return planTurns(
      {
        id: 'ready-fds',
        points: pointsOf(design, values, context),
        factors: LIFE_FACTORS,
        launches: design.launches,
        rounds: design.rounds,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: openTurnSession,
};

function pointsOf(
  { sweep, lives, mostConsumed, consumedLaunches, coarseLaunches, launchesOfScanners, allReady }: Design,
  values: (wanted: readonly number[]) => number[],
  context: PlanContext,
): TurnPoint[] {
  const { connections, probe } = context;
  const { cycle } = BEYOND;
  const isBeyond = (watched: number, ready: number, life: Life) =>
    life !== 'standing' && watched === cycle.watched && cycle.ready.includes(ready);
  const points = new Map<string, TurnPoint>();
  const add = (watched: number, ready: number, life: Life) => {
    if (life !== 'standing' && (ready === 0 || ready > mostConsumed)) return;
    const isAgain =
      life === 'standing' && watched === AGAIN.watched && (AGAIN.ready as readonly number[]).includes(ready);
    points.set(`${watched}/${ready}/${life}`, {
      watched,
      ready,
      position: ready === 0 ? 'none' : ready === 1 ? 'last' : 'even',
      timeout: 'zero',
      wakesPerSecond: 0,
      fileTable: probe.fileTable,
      socket: 'tcp',
      life,
      ...(life !== 'standing'
        ? { launches: consumedLaunches }
        : isFine(watched, ready)
          ? {}
          : { launches: coarseLaunches }),
      ...(!isAgain && { launchesOfScanners }),
      ...(isBeyond(watched, ready, life) && { beside: beside(context, cycle.pollers) }),
      again: isAgain,
    });
  };
  const asked = sweep.filter(({ watched }) => values([watched]).includes(watched));
  // Counts that the user asks for are swept as the largest of our own is.
  const swept = connections
    ? values(connections).map((watched) => ({ watched, ready: [0, 1, ...shares(watched)] }))
    : asked;
  for (const life of lives)
    for (const { watched, ready } of swept) for (const count of ready) add(watched, count, life);
  for (const watched of values(allReady)) add(watched, watched, 'standing');
  return [...points.values()];
}

const isFine = (watched: number, ready: number): boolean =>
  FINE.some((fine) => fine.watched === watched && fine.ready.includes(ready));

const shares = (watched: number): number[] =>
  [0.1, 0.5, 1].map((share) => Math.round(watched * share)).filter((count) => count > 1);
