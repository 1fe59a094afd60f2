import type { SocketKind } from '../processes/control/messages.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import type { Factors, Series, Warning } from '../results/run-schema.js';
import { BATCH_MS, type BatchSetting } from './batch-session.js';
import type { ExperimentPlan, LaunchPlan, PlanContext, Visit } from './experiment.js';

/** Experiments whose subject measures batches on a pool of sockets differ in their points only. */

/** One set of conditions for every poller. */
export interface BatchPoint<C> {
  readonly factors: Factors;
  readonly conditions: C;
  readonly socket: SocketKind;
  /** How many sockets of this kind, with their peers, the subject has to hold for it. */
  readonly poolSize: number;
  /** Measured in so many of the launches, the first ones; absent: in all. For what is far from any limit. */
  readonly launches?: number;
  /** Under pollers that look at every fd in no more than so many of them; absent: in as many. */
  readonly launchesOfScanners?: number;
  /** Made in the first round and every nth after it only. For what takes long beside the rest. */
  readonly every?: number;
  /** Measured under these pollers, too, as far as they run here. */
  readonly beside?: readonly string[];
  /** Its series, those that there cannot be with their reasons. */
  seriesOf(facts: PollerFacts): Visit['series'];
  /** A rough idea of one visit to so many series. */
  secondsOf(facts: PollerFacts, series: number): number;
  /** Whether how many repetitions fill a batch is known beforehand: no launch has to find out. */
  readonly isFixed?: boolean;
  /** Whether something runs on the load's CPU meanwhile, or it matters whether something does. */
  readonly needsLoadCpu?: boolean;
}

export interface BatchDesign<C> {
  readonly id: string;
  readonly points: readonly BatchPoint<C>[];
  /** The pollers that the question is about; absent: all that are asked for. */
  readonly pollers?: readonly string[];
  readonly launches: number;
  readonly rounds: number;
  /** What warming up and calibrating cost, in rounds: in the first launch, and in those that know what it found out. */
  readonly roundsToStart: { readonly first: number; readonly later: number };
  readonly warnings: readonly Warning[];
}

/** A subject starts, loads its copies of the code and opens its pool. */
const SECONDS_TO_START = 0.35;
const SECONDS_PER_SOCKET = 3e-5;

/** Visits that one process makes. */
interface Group {
  setting: BatchSetting;
  readonly visits: number[];
  readonly every: Record<number, number>;
  seconds: number;
  calibratedSeconds: number;
  needsLoadCpu: boolean;
}

/** Cells for every poller at every point, and launches for each kind of socket among them. */
export function planBatches<C extends object>(
  design: BatchDesign<C>,
  context: PlanContext,
): ExperimentPlan<C, BatchSetting> {
  const visits: Visit<C>[] = [];
  const secondsOfVisits: Record<number, number> = {};
  const groupsOf = Array.from({ length: design.launches }, () => new Map<SocketKind, Group>());
  const pollers = context.pollers.filter((name) => design.pollers?.includes(name) ?? true);
  for (const point of design.points) {
    const { factors, conditions } = point;
    for (const poller of new Set([...pollers, ...(point.beside ?? [])])) {
      const facts = context.probe.pollers[poller];
      if (!facts) continue;
      for (const series of visitsOf(seriesHere(point, facts, context))) {
        const index = visits.push({ poller, factors, conditions, series }) - 1;
        if (series.every(({ skip }) => skip !== undefined)) continue;
        const seconds = point.secondsOf(facts, series.length);
        secondsOfVisits[index] = seconds;
        for (const groups of groupsOf.slice(0, launchesAt(point, facts)))
          join(groupFor(groups, point, context), point, index, seconds, design.rounds);
      }
    }
  }
  const launches = groupsOf.flatMap((groups, launch) =>
    [...groups.values()].map((group) => launchOf(group, design, launch)),
  );
  return { id: design.id, visits, launches, secondsOfVisits, warnings: design.warnings };
}

const launchesAt = (
  { launches = Number.POSITIVE_INFINITY, launchesOfScanners = launches }: BatchPoint<object>,
  { scansAll }: PollerFacts,
): number => (scansAll ? Math.min(launches, launchesOfScanners) : launches);

/**
 * The second copy of the same code is a visit of its own: at its own place in a round, on a poller of its own. Back to back with
 * the first on one poller it would differ by less than two visits do.
 */
const visitsOf = (series: Visit['series']): Visit['series'][] =>
  [
    series.filter(({ name }) => name !== 'pollcost-again'),
    series.filter(({ name }) => name === 'pollcost-again'),
  ].filter(({ length }) => length > 0);

function seriesHere<C>(
  { socket, seriesOf }: BatchPoint<C>,
  facts: PollerFacts,
  { probe: { loopback } }: PlanContext,
): Visit['series'] {
  const series = seriesOf(facts);
  if (socket !== 'tcp' || loopback.ok) return series;
  return seriesNamed(
    series.map(({ name }) => name),
    loopback.reason,
  );
}

function groupFor(
  groups: Map<SocketKind, Group>,
  { socket }: Pick<BatchPoint<object>, 'socket'>,
  { cpus }: PlanContext,
): Group {
  const group = groups.get(socket) ?? {
    setting: { socket, poolSize: 1, cpus },
    visits: [],
    every: {},
    seconds: 0,
    calibratedSeconds: 0,
    needsLoadCpu: false,
  };
  groups.set(socket, group);
  return group;
}

function join(
  group: Group,
  {
    poolSize,
    isFixed,
    every = 1,
    needsLoadCpu = false,
  }: Pick<BatchPoint<object>, 'poolSize' | 'isFixed' | 'every' | 'needsLoadCpu'>,
  visit: number,
  seconds: number,
  rounds: number,
): void {
  group.setting = { ...group.setting, poolSize: Math.max(group.setting.poolSize, poolSize) };
  group.visits.push(visit);
  if (every > 1) group.every[visit] = every;
  group.seconds += (seconds * Math.ceil(rounds / every)) / rounds;
  if (!isFixed) group.calibratedSeconds += seconds;
  group.needsLoadCpu ||= needsLoadCpu;
}

function launchOf(
  { setting, visits, every, seconds, calibratedSeconds, needsLoadCpu }: Group,
  { rounds, roundsToStart }: Pick<BatchDesign<object>, 'rounds' | 'roundsToStart'>,
  launch: number,
): LaunchPlan<BatchSetting> {
  const toStart = launch === 0 ? roundsToStart.first : roundsToStart.later;
  const [nth = 1, ...others] = new Set(visits.map((visit) => every[visit] ?? 1));
  // Where all are made as seldom, rounds in between would have nothing to do.
  const made = others.length === 0 ? Math.ceil(rounds / nth) : rounds;
  return {
    rounds: made,
    visits,
    ...(others.length > 0 && { every }),
    setting,
    secondsPerRound: (seconds * rounds) / made,
    overlap: { leavesRoom: !needsLoadCpu },
    secondsToStart: SECONDS_TO_START + setting.poolSize * SECONDS_PER_SOCKET + calibratedSeconds * toStart,
  };
}

/** Series that are all there, or all not, for this reason. */
export const seriesNamed = (names: readonly Series[], skip: string | undefined): Visit['series'] =>
  names.map((name) => (skip === undefined ? { name } : { name, skip }));

/** JavaScript's own; with `again` by two copies of the same code: what they differ by is noise. */
export const ownSeries = (again: boolean | undefined, skip: string | undefined): Visit['series'] =>
  seriesNamed(again ? ['pollcost', 'pollcost-again'] : ['pollcost'], skip);

/** A visit of so many series whose repetition takes so long: a batch, and a tenth of one that does not count. */
export const secondsOfRepeating = (onceSeconds: number, series: number): number =>
  series * (Math.max(BATCH_MS / 1000, onceSeconds) + Math.max(BATCH_MS / 10_000, onceSeconds));

/** Why a poller cannot watch the fd with this number, if it cannot; `ofPool`: it is the last of the first of the pool. */
export function tooHigh(
  { maxFd }: PollerFacts,
  { probe }: Pick<PlanContext, 'probe'>,
  highest: number,
  ofPool = true,
): string | undefined {
  if (highest <= maxFd) return undefined;
  const most = `: with Node's own, at most ${maxFd - probe.numbers.first + 1} fds`;
  return `fd ${highest} is above ${maxFd}, the highest that fits${ofPool ? most : ''}`;
}
