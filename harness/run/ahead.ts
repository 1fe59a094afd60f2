import type { Experiment, ExperimentPlan, LaunchPlan, Session } from '../experiments/experiment.js';
import { startOn } from '../processes/control/parent.js';

/** A launch of an experiment whose turn comes. */
export interface Coming {
  readonly experiment: Experiment;
  readonly plan: ExperimentPlan;
  readonly launch: number;
}

/**
 * So many subjects wait at most, each with its sockets. What is ready sooner than the launch that measures is over leaves time for
 * those after it, of which some need both CPUs and leave none.
 */
export const MOST_READY = 6;

/**
 * Makes subjects of launches to come ready, one at a time, on the load's CPU while one measures on the subject's, or anywhere while one
 * ends: loading, compiling and calibrating take a third of a run. They wait, asleep, where launches that have the machine to themselves
 * come before them.
 */
export class Ahead {
  readonly #cpu: number | null;
  /** Those that are ready, or being made so. */
  #begun: (Coming & { readonly opening: Promise<Session> })[] = [];
  /** Settles when the one that is being made ready is, or has failed. */
  #making: Promise<void> | null = null;
  /** What may be begun with while the launch that measures now leaves room. */
  #wanted: readonly Coming[] = [];

  /** The load's CPU, if it is none of the subject's core. */
  constructor(cpu: number | null) {
    this.#cpu = cpu;
  }

  /** Whether a subject is being made ready now. */
  get isBusy(): boolean {
    return this.#making !== null;
  }

  /** Begins, beside a launch that measures, with the first of those after it that can be. */
  beside(coming: readonly Coming[]): void {
    if (this.#cpu === null) return;
    this.#wanted = coming.filter(canBeAhead).slice(0, MOST_READY);
    this.#goOn(this.#cpu);
  }

  /** Begins with the first of those to come now that nothing is measured any more, unless it has to have the machine to itself. */
  afterwards([next]: readonly Coming[]): void {
    this.#wanted = [];
    if (!next || !canBeAhead(next) || this.#isBegun(next)) return;
    this.#begin(next, (open) => open(false));
  }

  #goOn(cpu: number): void {
    const next = this.#wanted.find((coming) => !this.#isBegun(coming));
    if (this.#making || !next) return;
    this.#begin(
      next,
      (open) => startOn(cpu, () => open(true)),
      () => this.#goOn(cpu),
    );
  }

  #begin(
    coming: Coming,
    by: (open: (aside: boolean) => Promise<Session>) => Promise<Session>,
    andThen: () => void = () => {},
  ): void {
    const { experiment, plan } = coming;
    const launch = launchOf(coming);
    const opening = by((aside) => experiment.open(aside ? { ...launch, aside } : launch, plan));
    this.#begun.push({ ...coming, opening });
    const isDone = () => {
      this.#making = null;
      andThen();
    };
    // Whoever opens it hears why it failed.
    this.#making = opening.then(isDone, isDone);
  }

  /** The session of this launch, where it measures: the one that was made ready, or a new one. @throws ChildFailure */
  async open(coming: Coming): Promise<Session> {
    this.#wanted = [];
    const begun = this.#begun.find((each) => isSame(each, coming));
    // Beside one that leaves no room nothing loads a CPU or opens sockets.
    if (!launchOf(coming).overlap?.leavesRoom) await this.#making;
    if (!begun) return coming.experiment.open(launchOf(coming), coming.plan);
    this.#begun = this.#begun.filter((each) => each !== begun);
    const session = await begun.opening;
    try {
      await session.takePlace?.();
      return session;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  /** Ends what was made ready and is not wanted any more. */
  async end(): Promise<void> {
    this.#wanted = [];
    const all = this.#begun;
    this.#begun = [];
    for (const { opening } of all) {
      const session = await opening.catch(() => null);
      await session?.end();
    }
  }

  #isBegun(coming: Coming): boolean {
    return this.#begun.some((each) => isSame(each, coming));
  }
}

const isSame = (one: Coming, other: Coming): boolean =>
  one.plan === other.plan && one.launch === other.launch;

const launchOf = ({ plan, launch }: Coming): LaunchPlan => plan.launches[launch] as LaunchPlan;

const canBeAhead = (coming: Coming): boolean => launchOf(coming).overlap !== undefined;
