import type { Experiment, ExperimentPlan, LaunchPlan, Session } from '../experiments/experiment.js';
import { startOn } from '../processes/control/parent.js';

/** A launch of an experiment whose turn comes. */
export interface Coming {
  readonly experiment: Experiment;
  readonly plan: ExperimentPlan;
  readonly launch: number;
}

/**
 * Makes the subject of a launch to come ready on the load's CPU while one measures on the subject's, or anywhere while one ends:
 * loading, compiling and calibrating take a third of a run. It waits, asleep, where launches that have the machine to themselves come
 * before it.
 */
export class Ahead {
  readonly #cpu: number | null;
  #coming: (Coming & { readonly opening: Promise<Session> }) | null = null;
  #isBusy = false;

  /** The load's CPU, if it is none of the subject's core. */
  constructor(cpu: number | null) {
    this.#cpu = cpu;
  }

  /** Whether a subject is being made ready now. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Begins, beside a launch that measures, with the first of those after it that can be. */
  beside(coming: readonly Coming[]): void {
    const cpu = this.#cpu;
    if (cpu !== null) this.#begin(coming.find(canBeAhead), (open) => startOn(cpu, () => open(true)));
  }

  /** Begins with the first of those to come now that nothing is measured any more, unless it has to have the machine to itself. */
  afterwards([next]: readonly Coming[]): void {
    this.#begin(next && canBeAhead(next) ? next : undefined, (open) => open(false));
  }

  /** Unless one was begun with. */
  #begin(
    coming: Coming | undefined,
    by: (open: (aside: boolean) => Promise<Session>) => Promise<Session>,
  ): void {
    if (this.#coming || !coming) return;
    const { experiment, plan } = coming;
    const launch = launchOf(coming);
    const opening = by((aside) => experiment.open(aside ? { ...launch, aside } : launch, plan));
    this.#coming = { ...coming, opening };
    this.#isBusy = true;
    const isDone = () => {
      this.#isBusy = false;
    };
    // Whoever opens it hears why it failed.
    opening.then(isDone, isDone);
  }

  /** The session of this launch, where it measures: the one that was made ready, or a new one. @throws ChildFailure */
  async open(coming: Coming): Promise<Session> {
    const begun = this.#coming;
    if (!begun || begun.plan !== coming.plan || begun.launch !== coming.launch) {
      // Nothing loads a CPU or opens sockets beside this one; whoever opens the other hears why it failed.
      await begun?.opening.catch(() => null);
      return coming.experiment.open(launchOf(coming), coming.plan);
    }
    this.#coming = null;
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
    const begun = this.#coming;
    this.#coming = null;
    const session = await begun?.opening.catch(() => null);
    await session?.end();
  }
}

const launchOf = ({ plan, launch }: Coming): LaunchPlan => plan.launches[launch] as LaunchPlan;

const canBeAhead = (coming: Coming): boolean => launchOf(coming).overlap !== undefined;
