import type { BatchProtocol, BatchVisit, StartProtocol, TurnSeries } from '../processes/batch/protocol.js';
import type { SocketKind } from '../processes/control/messages.js';
import type { Child } from '../processes/control/parent.js';
import type { ExperimentPlan, LaunchPlan, PlanContext, Session, Step, Visit } from './experiment.js';

/** Experiments whose subject measures batches: turns, cycles, chains, lives. */

/** The repetitions of a visit last at least this long in CPU time, or in wall time where the turns sleep. */
export const BATCH_MS = 2;
export const SLEPT_BATCH_MS = 30;

/** A subject and its requests take at most so long where nothing is measured. */
export const START_DEADLINE_MS = 30_000;

/** How many repetitions fill a batch of each visit: the first launch finds out, the others start sooner, in a second look, too. */
const calibrated = new WeakMap<object, Map<number, number>>();

/** The pool of sockets that a launch needs, and the CPUs for its subject and for what loads that. */
export interface BatchSetting {
  readonly socket: SocketKind;
  readonly poolSize: number;
  readonly cpus: PlanContext['cpus'];
}

/**
 * Opens the session of a launch: starts its subject, lets `begin` make it ready to open its pool, and lets it prepare the
 * launch's visits. What `begin` started beside it ends with it. Whatever it fails with, all of them are killed.
 */
export async function openBatchSession<C extends object, S extends Child<BatchProtocol<C>>>(
  launch: LaunchPlan<BatchSetting>,
  plan: ExperimentPlan<C, BatchSetting>,
  start: () => S,
  begin: (subject: S, setting: BatchSetting) => Promise<readonly Child<object>[]>,
): Promise<Session> {
  const subject = start();
  const children: Child<object>[] = [subject];
  const { setting } = launch;
  const aside = launch.aside ? asideOf(setting) : setting;
  try {
    const helpers = await begin(subject, aside);
    children.push(...helpers);
    await prepare(subject, launch, plan);
    return new BatchSession(subject, helpers, launch.visits, setting.cpus?.subject ?? null);
  } catch (error) {
    for (const child of children) child.kill();
    throw error;
  }
}

const asideOf = (setting: BatchSetting): BatchSetting =>
  setting.cpus ? { ...setting, cpus: { ...setting.cpus, subject: setting.cpus.load } } : setting;

/** The session of a launch whose subject is started with nothing but its CPU. */
export const openPairsSession = <C extends object>(
  launch: LaunchPlan<BatchSetting>,
  plan: ExperimentPlan<C, BatchSetting>,
  start: () => Child<StartProtocol & BatchProtocol<C>>,
): Promise<Session> =>
  openBatchSession<C, Child<StartProtocol & BatchProtocol<C>>>(
    launch,
    plan,
    start,
    async (subject, { cpus }) => {
      await subject.request('start', { cpu: cpus?.subject ?? null }, START_DEADLINE_MS);
      return [];
    },
  );

async function prepare<C extends object>(
  subject: Child<BatchProtocol<C>>,
  launch: LaunchPlan<BatchSetting>,
  plan: ExperimentPlan<C, BatchSetting>,
): Promise<void> {
  const { socket, poolSize } = launch.setting;
  await subject.request('open', { socket, size: poolSize }, START_DEADLINE_MS);
  const known = calibrated.get(plan.visits) ?? new Map<number, number>();
  calibrated.set(plan.visits, known);
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
}

function batchVisit<C>(plan: ExperimentPlan<C, BatchSetting>, index: number): BatchVisit<C> {
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
  readonly #cpu: number | null;

  constructor(
    subject: Child<BatchProtocol<C>>,
    helpers: readonly Child<object>[],
    visits: readonly number[],
    cpu: number | null,
  ) {
    this.#subject = subject;
    this.#helpers = helpers;
    this.#visits = visits;
    this.#cpu = cpu;
  }

  async takePlace(): Promise<void> {
    if (this.#cpu !== null) await this.#subject.request('moveTo', { cpu: this.#cpu }, START_DEADLINE_MS);
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
