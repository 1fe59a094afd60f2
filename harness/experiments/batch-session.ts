import type { BatchProtocol, BatchVisit, TurnSeries } from '../processes/batch/protocol.js';
import type { SocketKind } from '../processes/control/messages.js';
import type { Child } from '../processes/control/parent.js';
import type { ExperimentPlan, LaunchPlan, Session, Step, Visit } from './experiment.js';

/** Experiments whose subject measures batches: turns, cycles, chains, lives. */

/** The repetitions of a visit last at least this long in CPU time, or in wall time where the turns sleep. */
export const BATCH_MS = 2;
export const SLEPT_BATCH_MS = 30;

/** A subject and its requests take at most so long where nothing is measured. */
export const START_DEADLINE_MS = 30_000;

/** How many repetitions fill a batch of each visit: the first launch finds out, the others start sooner. */
const calibrated = new WeakMap<object, Map<number, number>>();

/** The pool of sockets that a launch needs. */
export interface PoolSetting {
  readonly socket: SocketKind;
  readonly poolSize: number;
}

/**
 * Opens the session of a launch on a subject that has started: opens its pool, and lets it get ready for the launch's
 * visits. Whatever it fails with, the subject is killed. `helpers` end with it.
 */
export async function openBatchSession<C extends object>(
  subject: Child<BatchProtocol<C>>,
  launch: LaunchPlan<PoolSetting>,
  plan: ExperimentPlan<C, PoolSetting>,
  helpers: readonly Child<object>[] = [],
): Promise<Session> {
  const { socket, poolSize } = launch.setting;
  await subject.request('open', { socket, size: poolSize }, START_DEADLINE_MS);
  const known = calibrated.get(plan) ?? new Map<number, number>();
  calibrated.set(plan, known);
  const { repetitions } = await subject.request(
    'prepare',
    {
      visits: launch.visits.map((index) => batchVisit(plan, index)),
      batchMs: BATCH_MS,
      sleptBatchMs: SLEPT_BATCH_MS,
      repetitions: launch.visits.every((index) => known.has(index))
        ? launch.visits.map((index) => known.get(index) as number)
        : undefined,
    },
    START_DEADLINE_MS + launch.secondsPerRound * 20_000,
  );
  for (const [at, index] of launch.visits.entries()) known.set(index, repetitions[at] as number);
  return new BatchSession(subject, helpers, launch.visits);
}

function batchVisit<C>(plan: ExperimentPlan<C, PoolSetting>, index: number): BatchVisit<C> {
  const { poller, conditions, series } = plan.visits[index] as Visit<C>;
  return {
    poller,
    conditions,
    series: series.filter(({ skip }) => skip === undefined).map(({ name }) => name as TurnSeries),
  };
}

class BatchSession<C> implements Session {
  readonly #subject: Child<BatchProtocol<C>>;
  readonly #helpers: readonly Child<object>[];
  readonly #visits: readonly number[];

  constructor(
    subject: Child<BatchProtocol<C>>,
    helpers: readonly Child<object>[],
    visits: readonly number[],
  ) {
    this.#subject = subject;
    this.#helpers = helpers;
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

  async end(): Promise<void> {
    await this.#subject.end();
    for (const helper of this.#helpers) await helper.end();
  }
}
