import { flagsOf, readSentinels, sentinelsBetween } from '../collectors/sentinels.js';
import type { Experiment, ExperimentPlan, LaunchPlan, Session, Visit } from '../experiments/experiment.js';
import { ChildFailure } from '../processes/control/parent.js';
import type { Round, Sample, SampleLine } from '../results/samples-schema.js';
import { UnsoundFigure } from '../results/sound-figure.js';
import type { FullSpeed } from '../statistics/full-speed.js';
import { seedFrom } from '../statistics/random.js';
import { Again } from './again.js';
import { cellIdOf, stepsOf } from './plan.js';

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
  readonly stop: AbortSignal;
}

export interface Outcome {
  /** Launches that did not finish, with the reason. */
  readonly failures: readonly { readonly launch: number; readonly reason: string }[];
  readonly seconds: number;
}

/** However slow the machine: a round that takes this many times its estimate, and half a minute, hangs. */
const PATIENCE = 20;
const PATIENCE_MS = 30_000;

/**
 * Runs every launch of an experiment that has rounds left. A launch that fails costs its own remaining rounds only.
 * @throws Interrupted when told to stop
 */
export async function runExperiment(
  experiment: Experiment,
  plan: ExperimentPlan,
  hooks: RunnerHooks,
): Promise<Outcome> {
  const failures: { launch: number; reason: string }[] = [];
  const again = new Again(hooks.fullSpeed);
  const started = performance.now();
  for (const [index, launch] of plan.launches.entries()) {
    const left = roundsLeft(launch, (round) => hooks.isDone(plan.id, index, round));
    if (left.length === 0) {
      hooks.advance(launch.secondsToStart + launch.rounds * launch.secondsPerRound);
      continue;
    }
    try {
      await runLaunch(experiment, plan, index, left, again, hooks);
    } catch (error) {
      if (hooks.stop.aborted) throw new Interrupted();
      if (!(error instanceof ChildFailure || error instanceof UnsoundFigure)) throw error;
      failures.push({ launch: index, reason: error.message });
    }
  }
  return { failures, seconds: (performance.now() - started) / 1000 };
}

const roundsLeft = ({ rounds }: LaunchPlan, isDone: (round: number) => boolean): number[] =>
  Array.from({ length: rounds }, (_, round) => round).filter((round) => !isDone(round));

async function runLaunch(
  experiment: Experiment,
  plan: ExperimentPlan,
  index: number,
  rounds: readonly number[],
  again: Again,
  hooks: RunnerHooks,
): Promise<void> {
  const launch = plan.launches[index] as LaunchPlan;
  if (hooks.stop.aborted) throw new Interrupted();
  const session = await experiment.open(launch, plan);
  try {
    hooks.advance(launch.secondsToStart + (launch.rounds - rounds.length) * launch.secondsPerRound);
    for (const round of rounds) {
      if (hooks.stop.aborted) throw new Interrupted();
      hooks.record(await makeRound(session, plan, index, round, again, hooks));
      hooks.advance(launch.secondsPerRound);
    }
  } finally {
    await session.end();
  }
}

async function makeRound(
  session: Session,
  plan: ExperimentPlan,
  launch: number,
  round: number,
  again: Again,
  { seed, subjectCpu }: RunnerHooks,
): Promise<SampleLine[]> {
  const { secondsPerRound } = plan.launches[launch] as LaunchPlan;
  const subject = { pid: session.pid, cpu: subjectCpu };
  const startedAt = new Date().toISOString();
  const before = readSentinels(subject);
  const started = performance.now();
  const deadlineMs = secondsPerRound * 1000 * PATIENCE + PATIENCE_MS;
  const sessionSeed = seedFrom(seed, plan.id, launch, round, 'session');
  const secondsSoFar = () => (performance.now() - started) / 1000;
  const once = await session.round(stepsOf(plan, seed, launch, round), deadlineMs, sessionSeed);
  const all = await again.complete(session, once, secondsSoFar(), deadlineMs, sessionSeed);
  const { samples, involuntarySwitches, readings = [], flags = [] } = all;
  const seconds = secondsSoFar();
  const outside = sentinelsBetween(before, readSentinels(subject));
  const sentinels = involuntarySwitches === undefined ? outside : { ...outside, involuntarySwitches };
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
    flags: [...flagsOf(sentinels, seconds, secondsPerRound), ...flags],
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
