import type { PollerName } from '../../pollers/manifest.js';
import { whyShared } from '../collectors/unshare.js';
import type { FdNumbers } from '../processes/batch/protocol.js';
import type { SocketKind } from '../processes/control/messages.js';
import { type Child, startPinger, startProbe } from '../processes/control/parent.js';
import {
  type PollerFacts,
  type ProbeProtocol,
  type TurnConditions,
  USUAL_CONDITIONS,
} from '../processes/turn-probe/protocol.js';
import type { Warning } from '../results/run-schema.js';
import { type BatchPoint, ownSeries, planBatches, seriesNamed, tooHigh } from './batch-plan.js';
import { type BatchSetting, openBatchSession, START_DEADLINE_MS } from './batch-session.js';
import type { Experiment, ExperimentPlan, LaunchPlan, PlanContext, Session, Visit } from './experiment.js';
import { leavesTimeToSleep, secondsOf } from './turn-seconds.js';

/** Experiments that measure turns in the turn probe differ in their points only. */

/** One set of conditions for every poller. */
export interface TurnPoint extends TurnConditions {
  readonly socket: SocketKind;
  /** Measured by two copies of the same code as well: what they differ by is noise. */
  readonly again?: boolean;
  /** Measured in so many of the launches, the first ones; absent: in all. For what is far from any limit. */
  readonly launches?: number;
  /** Under pollers that look at every fd in no more than so many of them; absent: in as many. */
  readonly launchesOfScanners?: number;
  /** Made in the first round and every nth after it only. For what takes long beside the rest. */
  readonly every?: number;
  /** Measured under these pollers, too, as far as they run here. */
  readonly beside?: readonly PollerName[];
}

/** The factors that most of them have, in the order in which names spell them. */
export const TURN_FACTORS = [
  'watched',
  'ready',
  'position',
  'timeout',
  'wakesPerSecond',
  'temperature',
  'fileTable',
  'socket',
] as const;

/** Those of experiments in which readiness is consumed, registrations are replaced or pollers are made. */
export const LIFE_FACTORS = [...TURN_FACTORS, 'life', 'churnPer100', 'instance'] as const;

export interface TurnDesign {
  readonly id: string;
  readonly points: readonly TurnPoint[];
  /** Names and order of the factors in the cells. */
  readonly factors: readonly (keyof TurnPoint)[];
  /** The pollers that the question is about; absent: all that are asked for. */
  readonly pollers?: readonly PollerName[];
  readonly launches: number;
  readonly rounds: number;
  /**
   * Points with `again` are made so many times where the others are made once; absent: once. A pair tells how far copies lie apart,
   * whatever each single batch met: that is told by the intervals.
   */
  readonly copiesPerRound?: number;
  /** Without the C twin: nothing that is asked there is net of the binding. */
  readonly rawOnly?: boolean;
  readonly warnings: readonly Warning[];
}

/** What warming up and calibrating cost, in rounds of the visits that have to be calibrated. */
const ROUNDS_TO_START = { first: 0.9, later: 0.25 };

/** Cells for every poller at every point, and launches for each kind of socket among them. */
export const planTurns = (
  { points, factors, rawOnly = false, rounds, copiesPerRound: every = 1, ...design }: TurnDesign,
  context: PlanContext,
): ExperimentPlan<TurnConditions, BatchSetting> =>
  planBatches(
    {
      ...design,
      rounds: rounds * every,
      roundsToStart: ROUNDS_TO_START,
      points: points.map((point) =>
        batchPointOf(point.again ? point : { every, ...point }, factors, rawOnly, context),
      ),
    },
    context,
  );

function batchPointOf(
  point: TurnPoint,
  factors: TurnDesign['factors'],
  rawOnly: boolean,
  context: PlanContext,
): BatchPoint<TurnConditions> {
  const { socket, again: _, launches, launchesOfScanners, every, beside, ...conditions } = point;
  return {
    factors: factorsOf(point, factors),
    conditions,
    socket,
    poolSize: poolSizeFor(point, context.probe.numbers),
    ...(launches === undefined ? {} : { launches }),
    ...(launchesOfScanners === undefined ? {} : { launchesOfScanners }),
    ...(every === undefined ? {} : { every }),
    ...(beside === undefined ? {} : { beside }),
    seriesOf: (facts) => seriesOf(point, facts, rawOnly, context),
    secondsOf: (facts, series) => secondsOf(point, facts, series),
    isFixed: point.timeout === 'slept',
    // What is allocated and freed in each turn has its pages taken from the other CPU as well, as far as that sleeps: it costs 1.6
    // times more beside an idle one than beside a busy one.
    needsLoadCpu: point.timeout === 'slept' || point.instance === 'fresh',
  };
}

const factorsOf = (point: TurnPoint, names: TurnDesign['factors']) => {
  const factors = { ...USUAL_CONDITIONS, ...point };
  return Object.fromEntries(names.map((name) => [name, factors[name] as string | number]));
};

/** A single fd is moved to its number; several that end at one are a stretch of the pool. */
export const poolSizeFor = (
  { watched, highestFd }: Pick<TurnPoint, 'watched' | 'highestFd'>,
  { first }: FdNumbers,
) => (highestFd === undefined || watched === 1 ? watched : highestFd - first + 1);

function seriesOf(
  point: TurnPoint,
  facts: PollerFacts,
  rawOnly: boolean,
  context: PlanContext,
): Visit['series'] {
  const skip = reasonToSkip(point, facts, context);
  const own = ownSeries(point.again, skip);
  if (rawOnly || point.timeout === 'slept') return own;
  return [...own, ...seriesNamed(['c-twin'], skip ?? reasonForNoTwin(facts, context))];
}

/** Net figures come from a turn that C makes, on the memory of a poller that says how. */
function reasonForNoTwin({ call }: PollerFacts, { probe: { twin } }: PlanContext): string | undefined {
  if (call === null) return 'its wait is not described in a form that C could make';
  return twin.ok ? undefined : twin.reason;
}

const REPORTS_ONCE = { edge: 'an edge-triggered', oneshot: 'a one-shot' } as const;

/** Why there can be no such cell, if there cannot. */
function reasonToSkip(
  { highestFd, watched, ready, timeout, wakesPerSecond, life = 'standing', fileTable }: TurnPoint,
  facts: PollerFacts,
  { probe }: PlanContext,
): string | undefined {
  const highest = highestFd ?? probe.numbers.first + watched - 1;
  const above = tooHigh(facts, { probe }, highest, highestFd === undefined);
  if (above !== undefined) return above;
  const lowest = highest - watched + 1;
  if (lowest < probe.numbers.first) {
    return `fd ${lowest} is not free: what Node loads holds fds up to ${probe.numbers.first - 1}, or may come to`;
  }
  if (timeout === 'slept' && !probe.loopback.ok) return probe.loopback.reason;
  if (timeout === 'slept' && !facts.blocks) return 'a poller that never blocks cannot sleep';
  if (timeout === 'slept' && !leavesTimeToSleep({ watched, wakesPerSecond }, facts)) {
    return `turns of a poller that looks at all of ${watched} fds leave no time to sleep between ${wakesPerSecond} wake-ups a second`;
  }
  if (timeout !== 'slept' && life === 'standing' && ready > 0 && facts.trigger !== 'level') {
    return `readiness that is left standing is reported only once to ${REPORTS_ONCE[facts.trigger]} poller`;
  }
  if (fileTable === 'private' && !probe.unshare.ok) {
    return whyShared(probe.unshare.reason);
  }
  return undefined;
}

/** Opens the session of a launch; `start` starts its probe. */
export function openTurnSession(
  launch: LaunchPlan<BatchSetting>,
  plan: ExperimentPlan<TurnConditions, BatchSetting>,
  start: () => Child<ProbeProtocol> = startProbe,
): Promise<Session> {
  const visits = launch.visits.map((index) => plan.visits[index] as Visit<TurnConditions>);
  const twin = visits.some(({ series }) =>
    series.some(({ name, skip }) => name === 'c-twin' && skip === undefined),
  );
  const sleeps = visits.some(({ conditions }) => conditions.timeout === 'slept');
  return openBatchSession(launch, plan, start, async (probe, { cpus }) => {
    const ask = { cpu: cpus?.subject ?? null, fileTable: 'private', twin } as const;
    await probe.request('start', ask, START_DEADLINE_MS);
    return sleeps ? [await connectPinger(probe, cpus?.load ?? null)] : [];
  });
}

async function connectPinger(probe: Child<ProbeProtocol>, cpu: number | null): Promise<Child<object>> {
  const { port } = await probe.request('listenForPinger', {}, START_DEADLINE_MS);
  const pinger = startPinger(port, cpu);
  try {
    await probe.request('acceptPinger', {}, START_DEADLINE_MS);
    return pinger;
  } catch (error) {
    pinger.kill();
    throw error;
  }
}

/** An experiment with turns. */
export type TurnExperiment = Experiment<TurnConditions, BatchSetting>;
