import { flagsOf, readSentinels, sentinelsBetween } from '../collectors/sentinels.js';
import type { Experiment, ExperimentPlan, LaunchPlan, Session, Visit } from '../experiments/experiment.js';
import { ChildFailure } from '../processes/control/parent.js';
import type { Round, Sample, SampleLine } from '../results/samples-schema.js';
import { UnsoundFigure } from '../results/sound-figure.js';
import type { FullSpeed } from '../statistics/full-speed.js';
import { seedFrom } from '../statistics/random.js';
import { Again } from './again.js';
import { Ahead, type Coming } from './ahead.js';
import { Pace } from './pace.js';
import { cellIdOf, launchesInTurns, secondsIn, stepsOf } from './plan.js';

/** The user asked the program to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What a runner writes to and reports to. */
export interface RunnerHooks {
  readonly seed: number;
  /** The CPU that subjects are pinned to, null when they are not. */
  readonly subjectCpu: number | null;
  /** Takes a finished round's lines before the next one starts. */
  record(lines: readonly SampleLine[]): void;
  /** Called with the seconds of the plan that have been done. */
  advance(plannedSeconds: number): void;
  isDone(experiment: string, launch: number, round: number): boolean;
  /** What is known of full speed by now; null: nothing, or it is not asked for. */
  fullSpeed(): FullSpeed | null;
  /** What all launches together may take; absent: as long as they do. */
  readonly mostSeconds?: number;
  /** Where the next subject may be made ready while another one measures; absent, or null: nowhere. */
  readonly asideCpu?: number | null;
  readonly stop: AbortSignal;
}

/** A launch that did not finish, with the reason. */
export interface Failure {
  readonly launch: number;
  readonly reason: string;
}

/** An experiment of a run, and what has become of it so far. */
export class ExperimentRun {
  readonly experiment: Experiment;
  readonly plan: ExperimentPlan;
  readonly failures: Failure[] = [];
  /** What its launches took, with those of an earlier part of the run. */
  seconds: number;

  constructor(experiment: Experiment, plan: ExperimentPlan, secondsBefore = 0) {
    this.experiment = experiment;
    this.plan = plan;
    this.seconds = secondsBefore;
  }
}

/** Who is told what is being run. */
export interface Turns {
  /** A launch with rounds left begins, and is over. */
  starts(run: ExperimentRun, launch: number): void;
  ends(run: ExperimentRun): void;
  /** The last launch of an experiment is over. */
  ended(run: ExperimentRun): void;
}

/** However slow the machine: a round that takes this many times its estimate, and half a minute, hangs. */
const PATIENCE = 20;
const PATIENCE_MS = 30_000;

/**
 * Runs every launch that has rounds left. Experiments take turns launch by launch: each sees the whole length of the run, and no
 * two launches of one experiment share a minute of the machine. A launch that fails costs its own remaining rounds only.
 * @throws Interrupted when told to stop
 */
export async function runInTurns(
  runs: readonly ExperimentRun[],
  hooks: RunnerHooks,
  turns: Turns,
): Promise<void> {
  const pace = paceOf(runs, hooks);
  const toSpare = () => pace.secondsToSpare;
  const agains = runs.map(({ plan }) => {
    const leave = { planned: timesPlanned(plan), secondsToSpare: toSpare };
    // Windows of a server take as long as a hundred batches: those that are made again wait until there is time.
    return new Again(hooks.fullSpeed, plan.isTimed ? { ...leave, shareAtLeast: 0 } : leave);
  });
  const left = runs.map(({ plan }) => plan.launches.length);
  for (const run of runs.filter((_, at) => left[at] === 0)) turns.ended(run);
  const order = launchesInTurns(runs.map(({ plan }) => plan));
  const ahead = new Ahead(hooks.asideCpu ?? null);
  try {
    for (const [place, { experiment: at, launch }] of order.entries()) {
      const run = runs[at] as ExperimentRun;
      const coming = () => comingOf(order.slice(place + 1), runs, hooks);
      await runOneLaunch(run, launch, { again: agains[at] as Again, pace, ahead, coming, hooks, turns });
      left[at] = (left[at] as number) - 1;
      if (left[at] === 0) turns.ended(run);
    }
  } finally {
    await ahead.end();
  }
}

function paceOf(
  runs: readonly ExperimentRun[],
  { isDone, mostSeconds = Number.POSITIVE_INFINITY }: RunnerHooks,
): Pace {
  const started = performance.now();
  const planned = runs.map(({ plan }) =>
    plan.launches.reduce((sum, launch, index) => {
      const rounds = roundsLeft(plan, index, { isDone }).length;
      return sum + (rounds > 0 ? launch.secondsToStart + rounds * launch.secondsPerRound : 0);
    }, 0),
  );
  const inAll = planned.reduce((sum, seconds) => sum + seconds, 0);
  return new Pace(inAll, mostSeconds, () => (performance.now() - started) / 1000);
}

/** How many launches of a plan make each visit. */
function timesPlanned({ launches }: ExperimentPlan): (visit: number) => number {
  const times = new Map<number, number>();
  for (const { visits } of launches)
    for (const visit of visits) times.set(visit, (times.get(visit) ?? 0) + 1);
  return (visit) => times.get(visit) ?? 0;
}

/** What a launch is run with, beside itself. */
interface Course {
  readonly again: Again;
  readonly pace: Pace;
  readonly ahead: Ahead;
  /** The launches after it that have rounds left. */
  coming(): Coming[];
  readonly hooks: RunnerHooks;
  readonly turns: Turns;
}

function comingOf(
  order: ReturnType<typeof launchesInTurns>,
  runs: readonly ExperimentRun[],
  hooks: RunnerHooks,
): Coming[] {
  return order
    .map(({ experiment: at, launch }) => {
      const { experiment, plan } = runs[at] as ExperimentRun;
      return { experiment, plan, launch };
    })
    .filter(({ plan, launch }) => roundsLeft(plan, launch, hooks).length > 0);
}

/** One experiment alone. @throws Interrupted when told to stop */
export async function runExperiment(
  experiment: Experiment,
  plan: ExperimentPlan,
  hooks: RunnerHooks,
): Promise<ExperimentRun> {
  const run = new ExperimentRun(experiment, plan);
  await runInTurns([run], hooks, { starts() {}, ends() {}, ended() {} });
  return run;
}

async function runOneLaunch(run: ExperimentRun, index: number, course: Course): Promise<void> {
  const { hooks, turns } = course;
  const { experiment, plan } = run;
  const launch = plan.launches[index] as LaunchPlan;
  const left = roundsLeft(plan, index, hooks);
  if (left.length === 0) {
    hooks.advance(launch.secondsToStart + launch.rounds * launch.secondsPerRound);
    return;
  }
  const started = performance.now();
  try {
    if (hooks.stop.aborted) throw new Interrupted();
    turns.starts(run, index);
    await makeRounds({ experiment, plan, launch: index }, left, course);
  } catch (error) {
    if (hooks.stop.aborted) throw new Interrupted();
    if (!(error instanceof ChildFailure || error instanceof UnsoundFigure)) throw error;
    run.failures.push({ launch: index, reason: error.message });
  } finally {
    run.seconds += (performance.now() - started) / 1000;
  }
  turns.ends(run);
}

function roundsLeft(plan: ExperimentPlan, index: number, { isDone }: Pick<RunnerHooks, 'isDone'>): number[] {
  const { rounds } = plan.launches[index] as LaunchPlan;
  return Array.from({ length: rounds }, (_, round) => round).filter(
    (round) => !isDone(plan.id, index, round),
  );
}

async function makeRounds(now: Coming, rounds: readonly number[], course: Course): Promise<void> {
  const { again, pace, ahead, hooks, coming } = course;
  const launch = now.plan.launches[now.launch] as LaunchPlan;
  const session = await ahead.open(now);
  try {
    if (launch.overlap?.leavesRoom) ahead.beside(coming());
    pace.made(launch.secondsToStart);
    hooks.advance(launch.secondsToStart + (launch.rounds - rounds.length) * launch.secondsPerRound);
    again.startLaunch();
    for (const round of rounds) {
      if (hooks.stop.aborted) throw new Interrupted();
      hooks.record(await makeRound(session, now, round, course));
      hooks.advance(launch.secondsPerRound);
    }
    if (!hooks.stop.aborted) ahead.afterwards(coming());
  } finally {
    await session.end();
  }
}

async function makeRound(
  session: Session,
  { plan, launch }: Coming,
  round: number,
  { again, pace, ahead, hooks: { seed, subjectCpu } }: Course,
): Promise<SampleLine[]> {
  const planned = secondsIn(plan, launch, round);
  const subject = { pid: session.pid, cpu: subjectCpu };
  const startedAt = new Date().toISOString();
  // What is made ready beside it presses on the load's CPU: no sign of anybody else.
  const pressesItself = ahead.isBusy;
  const before = readSentinels(subject);
  const started = performance.now();
  const deadlineMs = planned * 1000 * PATIENCE + PATIENCE_MS;
  const sessionSeed = seedFrom(seed, plan.id, launch, round, 'session');
  const secondsSoFar = () => (performance.now() - started) / 1000;
  const once = await session.round(stepsOf(plan, seed, launch, round), deadlineMs, sessionSeed);
  pace.made(planned);
  const all = await again.complete(session, once, secondsSoFar(), deadlineMs, sessionSeed);
  const { samples, involuntarySwitches, readings = [], flags = [] } = all;
  const seconds = secondsSoFar();
  const outside = sentinelsBetween(before, readSentinels(subject));
  const sentinels = {
    ...outside,
    ...(involuntarySwitches !== undefined && { involuntarySwitches }),
    ...(pressesItself && { cpuPressureUs: null }),
  };
  const visit = { experiment: plan.id, launch, round };
  const lines = samples.map(({ visit: index, series, turns, speed, metrics }): Sample => {
    const cell = cellIdOf(plan, plan.visits[index] as Visit, series);
    requireFinite(cell, metrics);
    return { kind: 'sample', ...visit, cell, turns, ...(speed && { speed }), metrics: { ...metrics } };
  });
  const end: Round = {
    kind: 'round',
    ...visit,
    startedAt,
    seconds,
    sentinels,
    flags: [...flagsOf(sentinels, seconds, planned), ...flags],
  };
  const read = readings.map((reading): SampleLine => ({ kind: 'readings', ...visit, ...reading }));
  return [...lines, ...read, end];
}

/** JSON has no other numbers: samples.ndjson could not be read again. @throws UnsoundFigure */
function requireFinite(cell: string, metrics: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(metrics)) {
    if (!Number.isFinite(value)) throw new UnsoundFigure(`${name} of ${cell} is not finite: ${value}`);
  }
}
