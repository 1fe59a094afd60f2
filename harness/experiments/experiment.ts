import type { PollerName } from '../../pollers/manifest.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import type { Cell, Factors, Profile, Series, Warning } from '../results/run-schema.js';
import type { SubjectReadings } from '../results/samples-schema.js';
import type { Speed } from '../statistics/full-speed.js';

/**
 * An experiment is a question with factors, cells and metrics; it knows no claim. Its cells come in visits: one poller
 * under one set of factors, whose series are measured back to back on the same fds. A launch is one life of a subject,
 * which makes some of the visits, round after round.
 */
export interface Experiment<Conditions = object, Setting = object> {
  readonly id: string;
  /** One line for people. */
  readonly question: string;
  /** Why it is measured on Linux only, where that is so. */
  readonly needsLinux?: string;
  /** What `--connections` replaces, if this experiment has it. */
  readonly connectionsFactor?: 'watched' | 'idle';
  plan(context: PlanContext): ExperimentPlan<Conditions, Setting>;
  /** Starts the subject of one launch. @throws ChildFailure */
  open(launch: LaunchPlan<Setting>, plan: ExperimentPlan<Conditions, Setting>): Promise<Session>;
  /** What its finished cells say that a reader should be warned of. */
  warnings?(cells: readonly Cell[]): Warning[];
}

/** What a plan may depend on: what was asked for, and what this machine allows. */
export interface PlanContext {
  readonly profile: Profile;
  readonly pollers: readonly PollerName[];
  /** Asked for by the user, instead of the profile's values. */
  readonly connections: readonly number[] | null;
  readonly probe: ProbeFacts;
  /** The system call that each poller sleeps in here; null where nobody could see it. */
  readonly waitSyscalls?: Readonly<Record<PollerName, string | null>>;
  /** CPUs for the subject and for its load; null where there is only one. */
  readonly cpus: { readonly subject: number; readonly load: number } | null;
}

export interface Visit<Conditions = object> {
  readonly poller: PollerName;
  /** All factors of the experiment, in the order in which names spell them. */
  readonly factors: Factors;
  /** What the subject has to know of them, in the form that it takes. */
  readonly conditions: Conditions;
  readonly series: readonly { readonly name: Series; readonly skip?: string }[];
}

export interface LaunchPlan<Setting = object> {
  readonly rounds: number;
  /** Indices of the plan's visits, in no particular order: each round shuffles them. */
  readonly visits: readonly number[];
  /** Those of them that are made in the first round and every nth after it only, by index. */
  readonly every?: Readonly<Record<number, number>>;
  readonly setting: Setting;
  /** What one round of it is expected to take, on average. */
  readonly secondsPerRound: number;
  /** What each visit takes when it is made, by index, where they are not alike. */
  readonly secondsOfVisits?: Readonly<Record<number, number>>;
  readonly secondsToStart: number;
  /**
   * Absent: it has the machine to itself. Else its subject can be made ready on the load's CPU (`aside`), and where it `leavesRoom`
   * it loads nothing there while it measures: the next one may be.
   */
  readonly overlap?: { readonly leavesRoom: boolean };
  /** For `open`: the subject is made ready on the load's CPU, and comes to its own when its session is told to take its place. */
  readonly aside?: boolean;
}

export interface ExperimentPlan<Conditions = object, Setting = object> {
  readonly id: string;
  readonly visits: readonly Visit<Conditions>[];
  readonly launches: readonly LaunchPlan<Setting>[];
  /** A rough idea of what each visit takes, by index, where launches have visits that are not alike. */
  readonly secondsOfVisits?: Readonly<Record<number, number>>;
  /** Whether its visits take as long as is planned, whatever the core's speed. */
  readonly isTimed?: true;
  /** Whether its figures are counted or computed: more rounds would say the same again. */
  readonly isCounted?: true;
  readonly warnings: readonly Warning[];
}

/** One step of a round: a visit and the order of its series. */
export interface Step {
  readonly visit: number;
  readonly series: readonly Series[];
}

export interface SessionSample {
  readonly visit: number;
  readonly series: Series;
  readonly turns: number;
  /** What the speed sentinel read beside it; absent where nothing did. */
  readonly speed?: Speed;
  /** Not made again where it was slow: too long for that, or one of several that share a window. */
  readonly isMadeOnce?: boolean;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface SessionRound {
  readonly samples: readonly SessionSample[];
  /** How often the subject lost its CPU while it measured, if it counts that itself. */
  readonly involuntarySwitches?: number;
  /** What else was read about its subjects, for people. */
  readonly readings?: readonly SubjectReadings[];
  /** What marks the round beside what its sentinels saw. */
  readonly flags?: readonly string[];
}

/** A live subject. */
export interface Session {
  /** The process whose CPU time is measured. */
  readonly pid: number;
  /** Makes these visits in this order; the seed is the round's own, for whatever else is random in it. @throws ChildFailure */
  round(steps: readonly Step[], deadlineMs: number, seed: number): Promise<SessionRound>;
  /** Of one that was made ready aside: brings the subject where it measures. @throws ChildFailure */
  takePlace?(): Promise<void>;
  end(): Promise<void>;
}
