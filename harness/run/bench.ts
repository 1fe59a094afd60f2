import { randomBytes } from 'node:crypto';
import { Evidence } from '../claims/evidence.js';
import { type Judged, judgeOpen } from '../claims/judge.js';
import { claims } from '../claims/registry.js';
import { canStepAside } from '../experiments/aside.js';
import type { Experiment, ExperimentPlan } from '../experiments/experiment.js';
import { modelsOf, summaryOf } from '../model/cost-model.js';
import { killAllChildren } from '../processes/control/parent.js';
import { linkLatest, SampleWriter, writeRequest, writeRun } from '../results/run-folder.js';
import type { Look, Run, Warning } from '../results/run-schema.js';
import { SCHEMA_VERSION } from '../results/run-schema.js';
import type { SampleLine } from '../results/samples-schema.js';
import { LEVEL_OF_TWO, moreFor, openClaim, secondsForMore, secondsForPlan, withMore } from './more-rounds.js';
import { type BenchRequest, type PlannedBench, planHashOf, plannedSeconds } from './planned-bench.js';
import {
  afterExperiment,
  initialRun,
  launchFailed,
  partialResults,
  resumedRun,
  summariseAll,
  withCounts,
} from './run-record.js';
import { ExperimentRun, Interrupted, type RunnerHooks, runInTurns, type Turns } from './runner.js';
import { SampleStore } from './sample-store.js';
import { speedLine } from './summary.js';

/** Who watches a run. */
export interface Observer {
  started(folder: string, plans: readonly ExperimentPlan[]): void;
  /** A launch of an experiment begins, one of so many. */
  launch(experiment: Pick<Experiment, 'id' | 'question'>, launch: number, launches: number): void;
  advance(plannedSeconds: number): void;
  warn(warning: Warning): void;
  /** What the first look at the verdicts left open, in a line. */
  look(line: string): void;
  /** What the run saw of the machine's speed, in a line. */
  speed(line: string): void;
}

export const newRunId = (now = new Date()): string =>
  `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`;

/** Where a run goes. */
export interface Target {
  readonly folder: string;
  /** The id of a new run. */
  readonly id: string;
  /** The folder whose `latest` points to the newest run. */
  readonly results: string;
}

/** A run that was begun earlier: what it wrote, and the samples that it finished. */
export interface Begun {
  readonly run: Run;
  readonly samples: readonly SampleLine[];
}

/**
 * Runs a plan in a folder made for it, or what is left of it in the folder of a run that was begun, and judges the
 * claims. Whatever happens, the folder can be read and resumed afterwards. @throws Error when it cannot be written
 */
export async function runBench(
  bench: PlannedBench,
  { folder, id, results }: Target,
  begun: Begun | null,
  observer: Observer,
  stop: AbortSignal,
): Promise<Run> {
  const { request, plans } = bench;
  const planHash = planHashOf(bench);
  const store = new SampleStore();
  let run = begun ? resumedRun(bench, begun.run) : initialRun(bench, id, planHash);
  const experimentRuns = request.experiments.map(
    (experiment, at) =>
      new ExperimentRun(experiment, plans[at] as ExperimentPlan, run.experiments[at]?.seconds),
  );
  const save = (change: Partial<Run>) => {
    const changed = { ...run, ...change };
    writeRun(folder, changed);
    // Only what could be written: how the run ended must be, too.
    run = changed;
  };
  const killOnStop = () => killAllChildren();
  stop.addEventListener('abort', killOnStop);
  let writer: SampleWriter | null = null;
  try {
    if (!begun) {
      writeRequest(folder, { pollers: [...request.pollers], connections: copyOf(request.connections) });
    }
    save({});
    const samples = new SampleWriter(folder);
    writer = samples;
    const head: SampleLine = {
      kind: 'run',
      schemaVersion: SCHEMA_VERSION,
      id: run.id,
      planHash,
      seed: request.seed,
    };
    if (!begun?.samples.length) samples.append([head]);
    store.add(begun?.samples ?? []);
    const unlinked = linkOrWarn(results, folder);
    if (unlinked) save({ warnings: [...run.warnings, unlinked] });
    observer.started(folder, plans);
    for (const warning of run.warnings) observer.warn(warning);
    const hooks: RunnerHooks = {
      seed: request.seed,
      subjectCpu: bench.context.cpus?.subject ?? null,
      record(lines) {
        samples.append(lines);
        store.add(lines);
      },
      advance: (seconds) => observer.advance(seconds),
      isDone: (...visit) => store.hasRound(...visit),
      fullSpeed: () => store.fullSpeed,
      mostSeconds: secondsForPlan(request.profile, plannedSeconds(plans)),
      asideCpu: asideCpuOf(bench),
      stop,
    };
    await runInTurns(experimentRuns, hooks, {
      starts: ({ experiment, plan }, launch) => observer.launch(experiment, launch, plan.launches.length),
      // A kill that nobody can catch leaves what was counted by then.
      ends: (ended) => save({ experiments: withCounts(run, [ended], store) }),
      ended(ended) {
        const warned = run.warnings.length;
        save(afterExperiment(run, bench, ended, store));
        for (const warning of run.warnings.slice(warned)) observer.warn(warning);
      },
    });
    save(summariseAll(run, bench, store));
    const first = run.looks?.[0] ?? firstLook(run, bench, store, begun === null);
    save({ looks: [first] });
    if (first.more.length > 0) {
      observer.look(lookLine(first));
      await makeMore(experimentRuns, first, hooks, observer, {
        ends: (longer) => save({ experiments: withCounts(run, [longer], store, ['completed']) }),
        ended(longer) {
          const failed = longer.failures.map(({ reason }) => launchFailed(longer.plan.id, reason));
          if (failed.length > 0) save({ warnings: [...run.warnings, ...failed] });
          for (const warning of failed) observer.warn(warning);
        },
      });
      save(summariseAll(run, bench, store));
    }
    const unfitted: Warning[] = [];
    const models = modelsOf(run, (poller, error) => unfitted.push(modelFailed(poller, error))).map(summaryOf);
    save({ models, warnings: [...run.warnings, ...unfitted] });
    for (const warning of unfitted) observer.warn(warning);
    const judged = judgeAllClaims(run, store, request);
    save({
      status: 'completed',
      finishedAt: new Date().toISOString(),
      claims: judged.map(({ claim }) => claim),
      looks: first.more.length > 0 ? [first, lookOf(judged, [])] : [first],
    });
  } catch (error) {
    const status = error instanceof Interrupted ? 'interrupted' : 'failed';
    const ending = {
      status,
      finishedAt: new Date().toISOString(),
      ...partialResults(run, bench, experimentRuns, store),
    } as const;
    if (error instanceof Interrupted) save(ending);
    else throw unsaved(error, folder, () => save(ending));
  } finally {
    stop.removeEventListener('abort', killOnStop);
    killAllChildren();
    writer?.close();
  }
  const line = speedLine(store.shareAtFullSpeed(), store.slowdown);
  if (line !== null) observer.speed(line);
  return run;
}

/** The load's CPU where it is known to be none of the subject's core, and processes can be started on it. */
const asideCpuOf = ({ context: { cpus }, environment: { loadSharesCore } }: PlannedBench): number | null =>
  cpus !== null && loadSharesCore === false && canStepAside() ? cpus.load : null;

/** `latest` is a convenience: a run does not end because it cannot be written, whatever the reason. */
function linkOrWarn(results: string, folder: string): Warning | null {
  try {
    linkLatest(results, folder);
    return null;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    return {
      code: 'no-latest',
      message: `results/latest does not point to this run: ${NO_LATEST[code ?? ''] ?? `${syscall} failed (${code})`}`,
      advice: 'name the run folder where a command takes one',
    };
  }
}

const NO_LATEST: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder of its own',
  EEXIST: 'results is no folder',
  ENOTDIR: 'results is no folder',
  EACCES: 'results cannot be written (EACCES)',
  EPERM: 'results cannot be written (EPERM)',
  EROFS: 'results cannot be written (EROFS)',
};

const copyOf = (counts: readonly number[] | null): number[] | null => (counts === null ? null : [...counts]);

/** A full or failing disk: what was written stays as it is. */
export class StorageFailure extends Error {
  override readonly name = 'StorageFailure';
}

/** Whatever its errno: a system call on an fd, or on a path in this folder, has failed. */
const isOfFolder = (error: unknown, folder: string): boolean =>
  error instanceof Error && 'errno' in error && (!('path' in error) || String(error.path).startsWith(folder));

/** Tries to record how the run ended; where the disk is what ended it, that is the error to show. */
function unsaved(error: unknown, folder: string, save: () => void): unknown {
  const storage = (candidate: unknown) => isOfFolder(candidate, folder);
  let cause = error;
  try {
    save();
  } catch (failure) {
    if (!storage(failure)) throw failure;
    if (!storage(cause)) cause = failure;
  }
  if (!storage(cause)) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  return new StorageFailure(
    `the run folder cannot be written any more (${code}); every finished round is kept: make room and go on with --resume`,
  );
}

/** A model is no measurement: verdicts do not rest on it. */
const modelFailed = (poller: string, error: unknown): Warning => ({
  code: 'no-model',
  message: `${poller} has no model: ${error instanceof Error ? error.message : String(error)}`,
  advice: 'the figures and the verdicts count without it; --profile standard has more cells to fit it to',
});

function judgeAllClaims(run: Run, store: SampleStore, request: BenchRequest): Judged[] {
  const evidence = new Evidence(run, store, request, LEVEL_OF_TWO);
  return claims.map((claim) => judgeOpen(claim, evidence));
}

const lookOf = (judged: readonly Judged[], more: Look['more']): Look => ({
  at: new Date().toISOString(),
  level: LEVEL_OF_TWO,
  verdicts: Object.fromEntries(judged.map(({ claim: { id, verdict } }) => [id, verdict])),
  more,
});

/**
 * Judges what the planned minimum says, and plans more launches for what is open and would be decided by them. `atOnce`: the run has
 * not been interrupted, and its time is the clock's.
 */
function firstLook(run: Run, bench: PlannedBench, store: SampleStore, atOnce: boolean): Look {
  const { plans, request } = bench;
  const judged = judgeAllClaims(run, store, request);
  const inLaunches = run.experiments.reduce((sum, { seconds }) => sum + seconds, 0);
  const soFar = atOnce ? (Date.now() - Date.parse(run.startedAt)) / 1000 : inLaunches;
  const open = judged.flatMap((each) => openClaim(each) ?? []);
  // Who says how many launches there are gets no others.
  const seconds = request.launches === undefined ? secondsForMore(request.profile, soFar) : 0;
  return lookOf(judged, moreFor(plans, open, seconds, asideCpuOf(bench) !== null));
}

function lookLine({ verdicts, more }: Look): string {
  const open = Object.values(verdicts).filter((verdict) => verdict === 'undecided').length;
  const seconds = more.reduce((sum, each) => sum + each.seconds, 0);
  const where = [...new Set(more.map(({ experiment }) => experiment))].join(', ');
  return `first look: ${open} of ${Object.keys(verdicts).length} claims are open; ${Math.round(seconds)} s more for the cells that decide, of ${where}`;
}

/** Makes the launches that a first look added. Progress knows nothing of them. */
async function makeMore(
  experimentRuns: readonly ExperimentRun[],
  { more }: Look,
  hooks: RunnerHooks,
  observer: Observer,
  turns: Omit<Turns, 'starts'>,
): Promise<void> {
  const longer = experimentRuns
    .filter(({ plan }) => more.some(({ experiment }) => experiment === plan.id))
    .map(({ experiment, plan, seconds }) => new ExperimentRun(experiment, withMore(plan, more), seconds));
  const planned = new Map(experimentRuns.map(({ plan }) => [plan.id, plan.launches.length]));
  // A planned launch that failed is not made again here: others ask for the time.
  const isDone: RunnerHooks['isDone'] = (experiment, launch, round) =>
    launch < (planned.get(experiment) ?? 0) || hooks.isDone(experiment, launch, round);
  await runInTurns(
    longer,
    { ...hooks, isDone, advance() {}, mostSeconds: more.reduce((sum, { seconds }) => sum + seconds, 0) },
    {
      starts: ({ experiment, plan }, launch) => observer.launch(experiment, launch, plan.launches.length),
      ...turns,
    },
  );
}
