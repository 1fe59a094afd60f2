import type { PairsProtocol, PairsVisit, TurnSeries } from '../processes/batch/protocol.js';
import type { SocketKind } from '../processes/control/messages.js';
import type { Child } from '../processes/control/parent.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import type { Factors, Warning } from '../results/run-schema.js';
import type { ExperimentPlan, LaunchPlan, PlanContext, Session, Step, Visit } from './experiment.js';

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

interface Setting {
  readonly cpu: number | null;
  readonly socket: SocketKind;
  readonly pairs: number;
}

/** The repetitions of a visit last at least this long in CPU time. */
const BATCH_MS = 2;
const START_DEADLINE_MS = 30_000;
/** A subject starts, loads its closures, warms them up and opens its pairs. */
const SECONDS_TO_START = 0.5;
const SECONDS_PER_PAIR = 3e-5;
/** Warming up and calibrating cost as much as this many rounds. */
const ROUNDS_TO_CALIBRATE = 3;

/** Cells for every poller at every point; every launch makes all of them. */
export function planPairs<C extends object>(design: PairsDesign<C>, context: PlanContext): ExperimentPlan {
  const visits: Visit[] = [];
  const possible: number[] = [];
  let seconds = 0;
  for (const { factors, conditions, again, secondsOf, reasonToSkip } of design.points) {
    for (const poller of context.pollers) {
      const facts = context.probe.pollers[poller];
      if (!facts) continue;
      const skip = reasonToSkip(facts);
      const names: TurnSeries[] = again ? ['pollcost', 'pollcost-again'] : ['pollcost'];
      const series = names.map((name) => (skip === undefined ? { name } : { name, skip }));
      const index = visits.push({ poller, factors, conditions, series }) - 1;
      if (skip !== undefined) continue;
      possible.push(index);
      const once = secondsOf(facts);
      seconds += names.length * (Math.max(BATCH_MS / 1000, once) + Math.max(BATCH_MS / 10_000, once));
    }
  }
  const setting: Setting = { cpu: context.cpus?.subject ?? null, socket: design.socket, pairs: design.pairs };
  const launch: LaunchPlan = {
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
  launch: LaunchPlan,
  plan: ExperimentPlan,
  start: () => Child<PairsProtocol<C>>,
): Promise<Session> {
  const subject = start();
  try {
    await subject.request('start', launch.setting as Setting, START_DEADLINE_MS);
    const visits = launch.visits.map((index) => pairsVisit<C>(plan, index));
    const deadlineMs = START_DEADLINE_MS + launch.secondsToStart * 20_000;
    await subject.request('prepare', { visits, batchMs: BATCH_MS }, deadlineMs);
    return new PairsSession(subject, launch.visits);
  } catch (error) {
    subject.kill();
    throw error;
  }
}

function pairsVisit<C>(plan: ExperimentPlan, index: number): PairsVisit<C> {
  const { poller, conditions, series } = plan.visits[index] as Visit;
  return { poller, conditions: conditions as C, series: series.map(({ name }) => name as TurnSeries) };
}

class PairsSession<C> implements Session {
  readonly #subject: Child<PairsProtocol<C>>;
  readonly #visits: readonly number[];

  constructor(subject: Child<PairsProtocol<C>>, visits: readonly number[]) {
    this.#subject = subject;
    this.#visits = visits;
  }

  get pid(): number {
    return this.#subject.pid;
  }

  async round(steps: readonly Step[], deadlineMs: number) {
    const asked = steps.map(({ visit, series }) => ({
      visit: this.#visits.indexOf(visit),
      series: series as readonly TurnSeries[],
    }));
    const { samples, involuntarySwitches } = await this.#subject.request(
      'round',
      { steps: asked },
      deadlineMs,
    );
    return {
      samples: samples.map((sample) => ({ ...sample, visit: this.#visits[sample.visit] as number })),
      involuntarySwitches,
    };
  }

  end(): Promise<void> {
    return this.#subject.end();
  }
}
