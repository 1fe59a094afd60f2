import type { PollerName } from '../../pollers/manifest.js';
import { FEW_CONNECTIONS } from '../claims/needs.js';
import type { FileTable } from '../processes/control/messages.js';
import type { Phase } from '../processes/herd/protocol.js';
import type { ReferenceName } from '../processes/references/references.js';
import type { AppName } from '../processes/server/protocol.js';
import type { PlanContext } from './experiment.js';

/** Which windows experiment `server` makes in each profile. */

export interface ServerPoint {
  /** Connections that are held. Under `open` all of them beat now and then; see `FEW_BEATING` for none. */
  readonly idle: number;
  /** Connections beside them that ask in closed loop, each as soon as its last answer came; 0 under `open`. */
  readonly active: number;
  readonly load: 'closed' | 'open';
  /** Beats of all connections together; 0 under `closed`. */
  readonly ratePerSecond: number;
  readonly phase: 'none' | Phase;
  readonly app: AppName;
  readonly fileTable: FileTable;
  readonly ms: number;
  /** In every nth round. */
  readonly every: number;
  /** Where windows with fewer connections share a server: what its herd can hold. */
  readonly most?: number;
  /** Where pollers take turns within one window: of so long. */
  readonly turnMs?: number;
  /** The server runs before others on its CPU, where it is among them everywhere else. */
  readonly serverPriority?: 'realtime';
  readonly pollers: readonly PollerName[];
}

/** Launches of their own, how many rounds each has, and the ms of each poller in a window in which they take turns. */
interface Repeated {
  readonly launches: number;
  readonly rounds: number;
  readonly ms: number;
}

export interface ServerDesign {
  readonly launches: number;
  /** Of what stands beside the matrix in the middle, without thousands in the way; null: it is made with the matrix. */
  readonly launchesBeside: number | null;
  readonly rounds: number;
  /** The matrix is made in every nth round; in the others only thousands are held against a hundred. */
  readonly every: number;
  /** Beside none at all. */
  readonly idle: readonly number[];
  /**
   * However many are idle: pairs of windows are equally long. Where a turn takes milliseconds a window has few requests, and the turns
   * in which its connection comes and goes would weigh in a short one.
   */
  readonly closedMs: number;
  /** Of the references and what stands beside the matrix, whose partners are each other. */
  readonly closedBesideMs: number;
  readonly openMs: number;
  readonly active: readonly number[];
  /** So many at once, in the middle only: they leave a poller that looks at every fd no time to sleep. */
  readonly saturating: number | null;
  readonly rates: readonly number[];
  readonly phases: 'nowhere' | 'in the middle' | 'everywhere';
  readonly withSharedTable: boolean;
  readonly references: readonly ReferenceName[];
  /** The idle connections of the references, each in launches of its own; else they join the others in the middle. */
  readonly referencesIdle: 'in the middle' | readonly number[];
  /** Whether thousands are held against a hundred, in windows of a second, in each round of the matrix. */
  readonly comparesThousands: boolean;
  /** Launches of nothing else, of as many rounds: how far the slowest answers lie hangs on the launch, which is the unit. */
  readonly launchesOfThousands: number;
  /** Servers with few connections, one of which asks; null where they are not compared. */
  readonly few: Repeated | null;
  /**
   * The fewest, which decide, in launches alone; beside these in those of `few`, where these have as many rounds: select and epoll are a fortieth of a request apart, where 5 % is the limit. One long window a launch:
   * the middle of several is not that of the same one for both. Where that is too few, a second look makes more.
   */
  readonly fewest: Repeated | null;
  /** `select` beside `select-wide`, which makes the same call with larger sets. */
  readonly withNarrow: boolean;
}

export const MOST = Number.POSITIVE_INFINITY;
export const APP: AppName = 'http';
/** Where the profiles have it; else the next smaller count. */
const MIDDLE = 1000;
/** With no idle connections something has to beat all the same: these, and they are all there is. */
export const FEW_BEATING = 10;
/** A storm comes once in `idle / ratePerSecond` seconds; a rarer one is left out. */
const LONGEST_STORM_S = 3;
const RATE = 2000;
const HUNDRED = 100;
const THOUSANDS = 1000;
const COMPARISON_MS = 1000;

/** Thousands, or the hundred that they are held against. */
export const isOfThousands = ({ ms }: PointOfAll): boolean => ms === COMPARISON_MS;

export const DESIGNS: Record<PlanContext['profile'], ServerDesign> = {
  quick: {
    launches: 2,
    launchesBeside: null,
    rounds: 1,
    every: 1,
    idle: [1000],
    closedMs: 80,
    closedBesideMs: 80,
    openMs: 80,
    active: [1],
    saturating: null,
    rates: [RATE],
    phases: 'nowhere',
    withSharedTable: false,
    references: [],
    referencesIdle: 'in the middle',
    comparesThousands: false,
    launchesOfThousands: 0,
    few: null,
    fewest: null,
    withNarrow: false,
  },
  standard: {
    launches: 3,
    launchesBeside: 2,
    // With those of thousands alone one more than their claim needs: where that is too few, the second look makes more.
    rounds: 4,
    every: 4,
    idle: [1000, MOST],
    closedMs: 240,
    closedBesideMs: 80,
    openMs: 80,
    active: [1],
    saturating: 50,
    rates: [RATE],
    phases: 'in the middle',
    withSharedTable: true,
    references: ['node:http', 'node:net'],
    referencesIdle: 'in the middle',
    comparesThousands: true,
    launchesOfThousands: 1,
    few: { launches: 2, rounds: 1, ms: 150 },
    fewest: { launches: 8, rounds: 1, ms: 700 },
    withNarrow: false,
  },
  thorough: {
    launches: 3,
    launchesBeside: null,
    rounds: 6,
    every: 3,
    idle: [100, 900, 1000, 5000, MOST],
    closedMs: 300,
    closedBesideMs: 200,
    openMs: 250,
    active: [1, 10],
    saturating: 50,
    rates: [200, RATE],
    phases: 'everywhere',
    withSharedTable: true,
    references: ['node:http', 'node:net', 'tornado', 'twisted'],
    referencesIdle: [0, 1000, 5000],
    comparesThousands: true,
    launchesOfThousands: 0,
    few: { launches: 3, rounds: 3, ms: 240 },
    fewest: { launches: 13, rounds: 1, ms: 500 },
    withNarrow: true,
  },
};

/** The count at which phases, the shared file table and, in standard, the references are measured. */
export const middleOf = (idles: readonly number[]): number =>
  idles.filter((idle) => idle <= MIDDLE).at(-1) ?? (idles[0] as number);

/** Some forty requests. How far windows scatter falls with its length down to there, and no further (docs/sentinel.md). */
const TURN_MS = 3;
/** Beside the one that asks. */
export const MOST_OF_FEW = Math.max(...FEW_CONNECTIONS.counts) - 1;

/** Windows in closed loop, of every launch. */
export const closedPoint = (idle: number, active: number, ms: number): PointOfAll => ({
  idle,
  active,
  load: 'closed',
  ratePerSecond: 0,
  phase: 'none',
  app: APP,
  fileTable: 'private',
  ms,
  every: 1,
});

/** So many connections, one of which asks, all of one server: what its compiler made of it is the same for them. */
export const pointOfFew = (connections: number, ms: number): PointOfAll => ({
  ...closedPoint(connections - 1, 1, ms),
  turnMs: TURN_MS,
  most: MOST_OF_FEW,
});

/** All windows of our own servers. `idles` ascend and fit; `most` is what the limit of fds allows. */
export function pointsOf(
  design: ServerDesign,
  { idles, withNone, most, pollers, listing }: Counts & Compared,
): ServerPoint[] {
  const middle = middleOf(idles);
  const all = withNone ? [0, ...idles] : idles;
  const points = all.flatMap((idle) => [...closedAt(design, idle, middle), ...openAt(design, idle, middle)]);
  if (design.withSharedTable)
    points.push(...shared([...closedAt(design, middle), ...openAt(design, middle)]));
  const ms = (point: PointOfAll) => (isMatrix(design, point) ? design.closedMs : point.ms);
  const withPollers = points.map((point) => ({ ...point, ms: ms(point), pollers }));
  const canCompare = design.comparesThousands && idles.includes(most) && most >= THOUSANDS;
  return canCompare && listing.length > 0
    ? withComparison(withPollers, most, listing, design.rounds)
    : withPollers;
}

/** Other regimes than the matrix has: requests that leave no time to sleep, other phases, a shared file table. */
export const isBeside = ({ saturating }: ServerDesign, { active, phase, fileTable, load }: PointOfAll) =>
  (load === 'closed' && active === saturating) ||
  phase === 'storm' ||
  phase === 'poisson' ||
  fileTable === 'shared';

export interface Counts {
  readonly idles: readonly number[];
  /** Whether there are windows without idle connections as well. */
  readonly withNone: boolean;
  readonly most: number;
}

export interface Compared {
  readonly pollers: readonly PollerName[];
  /** Those of them that do not look at every fd, and sleep: who holds thousands as if they were a hundred. */
  readonly listing: readonly PollerName[];
}

export type PointOfAll = Omit<ServerPoint, 'pollers'>;

/** With `middle` also the count that saturates, there. */
const closedAt = (
  { active, saturating, closedBesideMs, every }: ServerDesign,
  idle: number,
  middle?: number,
): PointOfAll[] =>
  [...active, ...(saturating !== null && idle === middle ? [saturating] : [])].map((count) => ({
    ...closedPoint(idle, count, closedBesideMs),
    every,
  }));

/** Every phase that the design has there; without `middle` only `spread`. */
function openAt(design: ServerDesign, idle: number, middle?: number): PointOfAll[] {
  const { rates, phases, openMs, every } = design;
  const all = idle > 0 && (phases === 'everywhere' || (phases === 'in the middle' && idle === middle));
  const chosen: Phase[] = all && middle !== undefined ? ['storm', 'spread', 'poisson'] : ['spread'];
  return rates.flatMap((ratePerSecond) =>
    chosen.flatMap((phase): PointOfAll[] => {
      const periodMs = (idle / ratePerSecond) * 1000;
      if (phase === 'storm' && periodMs > LONGEST_STORM_S * 1000) return [];
      // Whole storms, so that each window has as many beats as its rate says.
      const ms = phase === 'storm' ? Math.ceil(openMs / periodMs) * periodMs : openMs;
      const active = idle === 0 ? FEW_BEATING : 0;
      const base = { idle, active, ratePerSecond, phase, ms, every };
      return [{ ...base, load: 'open', app: APP, fileTable: 'private' }];
    }),
  );
}

const shared = (points: readonly PointOfAll[]): PointOfAll[] =>
  points.map((point) => ({ ...point, fileTable: 'shared' }));

const isMatrix = (design: ServerDesign, point: PointOfAll) =>
  point.load === 'closed' && !isBeside(design, point);

/** The most connections and a hundred under the same beats, taking turns in every round. */
function withComparison(
  points: readonly ServerPoint[],
  most: number,
  listing: readonly PollerName[],
  rounds: number,
): ServerPoint[] {
  const isCompared = ({ idle, load, ratePerSecond, phase, fileTable }: ServerPoint) =>
    (idle === most || idle === HUNDRED) &&
    load === 'open' &&
    ratePerSecond === RATE &&
    phase === 'spread' &&
    fileTable === 'private';
  const base = points.find((point) => point.idle === most && isCompared(point));
  if (!base) return [...points];
  const long = { ...base, ms: COMPARISON_MS, every: 1, pollers: listing };
  const others = points.map((point) =>
    isCompared(point)
      ? { ...point, pollers: point.pollers.filter((name) => !listing.includes(name)) }
      : point,
  );
  const both = [long, { ...long, idle: HUNDRED }];
  // In the first round of a launch.
  const ranked = both.map((point) => ({ ...point, every: rounds, serverPriority: 'realtime' as const }));
  // First, so that it is the first pair of these counts wherever there are other rates, too.
  return [...both, ...others, ...ranked];
}

/**
 * Windows of one reference, or of ours beside it: few, because they are here to be compared with and not to be taken
 * apart. The slowest of the design's rates is one that all of them manage.
 */
export const pointsBeside = (design: ServerDesign, idle: number, app: AppName, table: FileTable) =>
  [
    ...closedAt(design, idle).slice(0, 1),
    ...(idle === 0 ? [] : openAt({ ...design, rates: design.rates.slice(0, 1) }, idle)),
  ].map((point) => ({ ...point, app, fileTable: table }));
