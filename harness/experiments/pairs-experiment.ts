import type { BatchProtocol, StartProtocol, TurnSeries } from '../processes/batch/protocol.js';
import type { SocketKind } from '../processes/control/messages.js';
import type { Child } from '../processes/control/parent.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import type { Factors, Warning } from '../results/run-schema.js';
import { BATCH_MS, openBatchSession, type PoolSetting, START_DEADLINE_MS } from './batch-session.js';
import type { ExperimentPlan, LaunchPlan, PlanContext, Session, Visit } from './experiment.js';

/** Experiments whose subject holds pairs of sockets and measures visits to them by repetition. */

/** One set of conditions for every poller. */
export interface PairsPoint<C> {
  readonly factors: Factors;
  readonly conditions: C;
  /** Measured by two closures of the same code as well: what they differ by is noise. */
  readonly again?: boolean;
  /** A rough idea of one repetition. */
  secondsOf(facts: PollerFacts): number;
  /** Why there can be no such cell, if there cannot. */
  reasonToSkip(facts: PollerFacts): string | undefined;
}

export interface PairsDesign<C> {
  readonly id: string;
  readonly socket: SocketKind;
  /** How many pairs the subject holds. */
  readonly pairs: number;
  readonly points: readonly PairsPoint<C>[];
  readonly launches: number;
  readonly rounds: number;
  readonly warnings: readonly Warning[];
}

export interface PairsSetting extends PoolSetting {
  readonly cpu: number | null;
}

/** A subject starts, loads its closures, warms them up and opens its pairs. */
const SECONDS_TO_START = 0.5;
const SECONDS_PER_PAIR = 3e-5;
/** Warming up and calibrating cost as much as this many rounds. */
const ROUNDS_TO_CALIBRATE = 3;

/** Cells for every poller at every point; every launch makes all of them. */
export function planPairs<C extends object>(
  design: PairsDesign<C>,
  context: PlanContext,
): ExperimentPlan<C, PairsSetting> {
  const visits: Visit<C>[] = [];
  const possible: number[] = [];
  let seconds = 0;
  const { loopback } = context.probe;
  const loopbackMissing = design.socket === 'tcp' && !loopback.ok ? loopback.reason : undefined;
  for (const { factors, conditions, again, secondsOf, reasonToSkip } of design.points) {
    for (const poller of context.pollers) {
      const facts = context.probe.pollers[poller];
      if (!facts) continue;
      const skip = loopbackMissing ?? reasonToSkip(facts);
      const names: TurnSeries[] = again ? ['pollcost', 'pollcost-again'] : ['pollcost'];
      const series = names.map((name) => (skip === undefined ? { name } : { name, skip }));
      const index = visits.push({ poller, factors, conditions, series }) - 1;
      if (skip !== undefined) continue;
      possible.push(index);
      const once = secondsOf(facts);
      seconds += names.length * (Math.max(BATCH_MS / 1000, once) + Math.max(BATCH_MS / 10_000, once));
    }
  }
  const setting: PairsSetting = {
    cpu: context.cpus?.subject ?? null,
    socket: design.socket,
    poolSize: design.pairs,
  };
  const launch: LaunchPlan<PairsSetting> = {
    rounds: design.rounds,
    visits: possible,
    setting,
    secondsPerRound: seconds,
    secondsToStart: SECONDS_TO_START + design.pairs * SECONDS_PER_PAIR + seconds * ROUNDS_TO_CALIBRATE,
  };
  const launches = possible.length === 0 ? [] : Array.from({ length: design.launches }, () => launch);
  return { id: design.id, visits, launches, warnings: design.warnings };
}

/** The highest watched fd is above what the poller takes. */
export function tooHigh({ maxFd }: PollerFacts, { probe }: PlanContext, highest: number): string | undefined {
  if (highest <= maxFd) return undefined;
  return `fd ${highest} is above ${maxFd}, the highest that fits: with Node's own, at most ${maxFd - probe.numbers.first + 1} fds`;
}

/** Opens the session of a launch; `start` starts its subject. */
export async function openPairsSession<C extends object>(
  launch: LaunchPlan<PairsSetting>,
  plan: ExperimentPlan<C, PairsSetting>,
  start: () => Child<StartProtocol & BatchProtocol<C>>,
): Promise<Session> {
  const subject = start();
  try {
    const { cpu } = launch.setting;
    await subject.request('start', { cpu }, START_DEADLINE_MS);
    return await openBatchSession(subject as Child<BatchProtocol<C>>, launch, plan);
  } catch (error) {
    subject.kill();
    throw error;
  }
}
