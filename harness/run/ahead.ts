import type { Begun, Experiment, ExperimentPlan, LaunchPlan, Session } from '../experiments/experiment.js';
import { startOn } from '../processes/control/parent.js';

/** A launch of an experiment whose turn comes. */
export interface Coming {
  readonly experiment: Experiment;
  readonly plan: ExperimentPlan;
  readonly launch: number;
}

/**
 * Makes the subject of the next launch ready on the load's CPU while one measures on the subject's, or anywhere while one ends:
 * loading, compiling and calibrating take a third of a run.
 */
export class Ahead {
  readonly #cpu: number | null;
  #coming: (Coming & { readonly beginning: Promise<Begun> }) | null = null;
  #isBusy = false;

  /** The load's CPU, if it is none of the subject's core. */
  constructor(cpu: number | null) {
    this.#cpu = cpu;
  }

  /** Whether a subject is being made ready now. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Begins with this launch beside one that measures. */
  beside(coming: Coming | undefined): void {
    const cpu = this.#cpu;
    if (cpu !== null) this.#begin(coming, (begin) => startOn(cpu, () => begin(true)));
  }

  /** Begins with this launch now that nothing is measured any more. */
  afterwards(coming: Coming | undefined): void {
    this.#begin(coming, (begin) => begin(false));
  }

  /** Unless one was begun with, or it has to have the machine to itself. */
  #begin(
    coming: Coming | undefined,
    by: (begin: (aside: boolean) => Promise<Begun>) => Promise<Begun>,
  ): void {
    if (this.#coming || !coming) return;
    const launch = launchOf(coming);
    if (!launch.overlap && !coming.experiment.begin) return;
    const beginning = by((aside) => begunOf(coming, aside ? { ...launch, aside } : launch));
    this.#coming = { ...coming, beginning };
    this.#isBusy = true;
    const isDone = () => {
      this.#isBusy = false;
    };
    // Whoever opens it hears why it failed.
    beginning.then(isDone, isDone);
  }

  /** The session of this launch, where it measures: the one that was made ready, or a new one. @throws ChildFailure */
  async open(coming: Coming): Promise<Session> {
    const next = this.#coming;
    if (!next || next.plan !== coming.plan || next.launch !== coming.launch)
      return coming.experiment.open(launchOf(coming), coming.plan);
    this.#coming = null;
    const begun = await next.beginning;
    try {
      return await begun.takePlace();
    } catch (error) {
      await begun.end();
      throw error;
    }
  }

  /** Ends what was made ready and is not wanted any more. */
  async end(): Promise<void> {
    const next = this.#coming;
    this.#coming = null;
    const begun = await next?.beginning.catch(() => null);
    await begun?.end();
  }
}

/** An experiment that cannot be begun alone opens whole, and its session comes to its place. */
async function begunOf({ experiment, plan }: Coming, launch: LaunchPlan): Promise<Begun> {
  if (experiment.begin) return experiment.begin(launch, plan);
  const session = await experiment.open(launch, plan);
  return {
    async takePlace() {
      await session.takePlace?.();
      return session;
    },
    end: () => session.end(),
  };
}

const launchOf = ({ plan, launch }: Coming): LaunchPlan => plan.launches[launch] as LaunchPlan;
