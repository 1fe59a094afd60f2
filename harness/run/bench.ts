import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PollerName } from '../../pollers/manifest.js';
import { Evidence } from '../claims/evidence.js';
import { judge } from '../claims/judge.js';
import { claims } from '../claims/registry.js';
import { describeEnvironment } from '../collectors/environment.js';
import { toAllowUnshare } from '../collectors/unshare.js';
import { remedyForTwin } from '../doctor/commands.js';
import { whoAsks } from '../doctor/machine.js';
import type { Experiment, ExperimentPlan, PlanContext } from '../experiments/experiment.js';
import { modelsOf, summaryOf } from '../model/cost-model.js';
import { killAllChildren, offerPollers } from '../processes/control/parent.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import { linkLatest, SampleWriter, writeRequest, writeRun } from '../results/run-folder.js';
import type { Environment, ExperimentResult, Profile, Run, Warning } from '../results/run-schema.js';
import { SCHEMA_VERSION } from '../results/run-schema.js';
import type { SampleLine } from '../results/samples-schema.js';
import { requireContract, requireUsable } from './own-pollers.js';
import { hashOf, type RunPlan, roundsOf, secondsOf, withFewerLaunches } from './plan.js';
import { contextOf } from './plan-context.js';
import { quotaWarnings } from './quota-warning.js';
import { ExperimentRun, Interrupted, type RunnerHooks, runInTurns } from './runner.js';
import { SampleStore } from './sample-store.js';
import { noiseOf, speedOf, summarise } from './summary.js';

/** What was asked for; everything is valid and complete. */
export interface BenchRequest {
  readonly profile: Profile;
  readonly experiments: readonly Experiment[];
  readonly pollers: readonly PollerName[];
  /** Modules of a user's own pollers among them, absolute paths by name. */
  readonly own?: Readonly<Record<PollerName, string>>;
  readonly connections: readonly number[] | null;
  readonly seed: number;
  /** At most so many of each kind of launch; absent: as many as the profile has. */
  readonly launches?: number;
}

/** Who watches a run. */
export interface Observer {
  started(folder: string, plans: readonly ExperimentPlan[]): void;
  /** A launch of an experiment begins, one of so many. */
  launch(experiment: Pick<Experiment, 'id' | 'question'>, launch: number, launches: number): void;
  advance(plannedSeconds: number): void;
  warn(warning: Warning): void;
}

export interface PlannedBench {
  readonly request: BenchRequest;
  readonly tool: string;
  readonly probe: ProbeFacts;
  readonly environment: Environment;
  readonly plans: readonly ExperimentPlan[];
  readonly context: PlanContext;
}

/**
 * Asks a probe what this machine allows, and plans accordingly. Measures and writes nothing. @throws ImpossibleValue,
 * UnusablePoller
 */
export async function planBench(request: BenchRequest, tool: string): Promise<PlannedBench> {
  const { profile, pollers, connections, own = {} } = request;
  offerPollers(own);
  for (const [name, file] of Object.entries(own)) await requireContract(name, file);
  const context = await contextOf({ profile, pollers, connections });
  for (const name of pollers) requireUsable(name, context.probe);
  const plans = request.experiments.map((experiment) =>
    withFewerLaunches(experiment.plan(context), request.launches),
  );
  const { probe } = context;
  return { request, tool, probe, environment: describeEnvironment(probe, context.cpus), plans, context };
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
    const unfitted: Warning[] = [];
    const models = modelsOf(run, (poller, error) => unfitted.push(modelFailed(poller, error))).map(summaryOf);
    save({ models, warnings: [...run.warnings, ...unfitted] });
    for (const warning of unfitted) observer.warn(warning);
    save({
      status: 'completed',
      finishedAt: new Date().toISOString(),
      claims: judgeAllClaims(run, store, request),
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
  return run;
}

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

export const planHashOf = ({ request, plans }: PlannedBench): string =>
  hashOf({
    profile: request.profile,
    seed: request.seed,
    experiments: plans,
    ...textsOf(request.own),
  });

/** None at all where there are none: the hash of such a run is that of its plan alone. */
function textsOf(own: BenchRequest['own'] = {}): Pick<RunPlan, 'own'> {
  const texts = Object.entries(own).map(([name, file]) => [name, readFileSync(file, 'utf8')] as const);
  return texts.length > 0 ? { own: Object.fromEntries(texts) } : {};
}

/** The same run again, before anything more was measured. */
const resumedRun = (bench: PlannedBench, begun: Run): Run => {
  const fresh = initialRun(bench, begun.id, begun.planHash);
  const seconds = new Map(begun.experiments.map((experiment) => [experiment.id, experiment.seconds]));
  return {
    ...fresh,
    startedAt: begun.startedAt,
    experiments: fresh.experiments.map((experiment) => ({
      ...experiment,
      seconds: seconds.get(experiment.id) ?? 0,
    })),
  };
};

function initialRun(
  { request, tool, environment, plans, probe }: PlannedBench,
  id: string,
  planHash: string,
): Run {
  return {
    schemaVersion: SCHEMA_VERSION,
    id,
    tool,
    pid: process.pid,
    status: 'running',
    startedAt: new Date().toISOString(),
    finishedAt: null,
    profile: request.profile,
    seed: request.seed,
    planHash,
    environment,
    experiments: plans.map((plan) => ({
      id: plan.id,
      status: 'pending',
      reason: 'not reached yet',
      rounds: 0,
      launches: 0,
      seconds: 0,
    })),
    noise: { aaRatio: null, flaggedRounds: 0, fullSpeedNs: null, shareAtFullSpeed: null },
    cells: [],
    models: [],
    claims: [],
    warnings: unique([...machineWarnings(probe), ...plans.flatMap(({ warnings }) => warnings)]),
  };
}

/** Several experiments may meet the same limit. */
const unique = (warnings: readonly Warning[]): Warning[] => [
  ...new Map(warnings.map((warning) => [warning.message, warning])).values(),
];

/** What this machine withholds, and what would give it. */
function machineWarnings({ twin, pinned, unshare }: ProbeFacts): Warning[] {
  const warnings = quotaWarnings();
  if (!twin.ok) {
    const remedy = remedyForTwin(twin.reason, whoAsks());
    warnings.push({
      code: 'no-c-twin',
      message: `no C twin, so no figure net of the binding: ${twin.reason}`,
      advice: remedy === null ? "install a C compiler with the C library's headers" : `try: ${remedy}`,
    });
  }
  if (!pinned.ok) {
    warnings.push({
      code: 'not-pinned',
      message: `subjects share their CPU with everything else: ${pinned.reason}`,
      advice: 'run on a machine, or in a cpuset, with at least two CPUs',
    });
  }
  if (!unshare.ok) {
    warnings.push({
      code: 'file-table-shared',
      message: `the subject's file table stays shared with Node's threads, servers' and those of idle too, which costs select and poll about 30 ns a fd: ${unshare.reason}`,
      advice: toAllowUnshare(),
    });
  }
  return warnings;
}

function afterExperiment(
  run: Run,
  { request, plans }: PlannedBench,
  ended: ExperimentRun,
  store: SampleStore,
): Partial<Run> {
  const { experiment, plan, failures } = ended;
  const [failure] = failures;
  const cells = summarise(plan, store, request.seed, failure?.reason);
  const base = { id: plan.id, ...countsOf(ended, store) };
  const failed = failure !== undefined && base.rounds < roundsOf(plan);
  return {
    experiments: run.experiments.map((other) => {
      if (other.id !== plan.id) return other;
      if (failed) return { ...base, status: 'failed', reason: failure.reason };
      if (plan.launches.every(({ visits }) => visits.length === 0)) {
        return { ...base, status: 'skipped', reason: whySkipped(plan) };
      }
      return { ...base, status: 'completed' };
    }),
    cells: [...run.cells, ...cells],
    noise: noiseIn(store, plans, request.seed),
    warnings: [
      ...run.warnings,
      ...failures.map(({ reason }) => launchFailed(plan.id, reason)),
      ...(experiment.warnings?.(cells) ?? []),
    ],
  };
}

/** What was made of an experiment, and what that took. */
function countsOf({ plan, seconds }: ExperimentRun, store: SampleStore) {
  const rounds = store.roundsOf(plan.id);
  return {
    rounds: rounds.length,
    launches: new Set(rounds.map(({ launch }) => launch)).size,
    seconds: Math.round(seconds * 100) / 100,
  };
}

/** The experiments of a run with what was made of these, where they have not come to their end. */
function withCounts(
  { experiments }: Run,
  experimentRuns: readonly ExperimentRun[],
  store: SampleStore,
): ExperimentResult[] {
  return experiments.map((experiment) => {
    const of = experimentRuns.find(({ plan }) => plan.id === experiment.id);
    return experiment.status === 'pending' && of ? { ...experiment, ...countsOf(of, store) } : experiment;
  });
}

/** All of it. Where all cells lack the same, that says more. */
function whySkipped({ visits }: ExperimentPlan): string {
  const reasons = new Set(visits.flatMap(({ series }) => series.map(({ skip }) => skip)));
  const [reason, another] = reasons;
  return another === undefined && reason !== undefined ? reason : 'none of its cells can be measured here';
}

const noiseIn = (store: SampleStore, plans: readonly ExperimentPlan[], seed: number): Run['noise'] => ({
  aaRatio: noiseOf(plans, store, seed),
  flaggedRounds: store.flaggedRounds,
  ...speedOf(store),
});

/** All cells by what the whole run knows: what full speed is was less sure when the first of them were summarised. */
function summariseAll(run: Run, { request, plans }: PlannedBench, store: SampleStore): Partial<Run> {
  const failureOf = (id: string) => {
    const ran = run.experiments.find((experiment) => experiment.id === id);
    return ran?.status === 'failed' ? ran.reason : undefined;
  };
  return {
    cells: plans.flatMap((plan) => summarise(plan, store, request.seed, failureOf(plan.id))),
    noise: noiseIn(store, plans, request.seed),
  };
}

const launchFailed = (experiment: string, reason: string): Warning => ({
  code: 'launch-failed',
  message: `${experiment}: a launch did not finish: ${reason}`,
  advice: 'its finished rounds count; repeat the run for the others',
});

/** A model is no measurement: verdicts do not rest on it. */
const modelFailed = (poller: string, error: unknown): Warning => ({
  code: 'no-model',
  message: `${poller} has no model: ${error instanceof Error ? error.message : String(error)}`,
  advice: 'the figures and the verdicts count without it; --profile standard has more cells to fit it to',
});

/** What was measured of experiments that did not come to their end. */
function partialResults(
  run: Run,
  { plans, request }: PlannedBench,
  experimentRuns: readonly ExperimentRun[],
  store: SampleStore,
): Partial<Run> {
  const summarised = new Set(run.cells.map(({ experiment }) => experiment));
  const begun = plans.filter(({ id }) => !summarised.has(id) && store.roundsOf(id).length > 0);
  return {
    cells: [...run.cells, ...begun.flatMap((plan) => summarise(plan, store, request.seed, undefined))],
    experiments: withCounts(run, experimentRuns, store).map((experiment) =>
      experiment.status === 'pending'
        ? { ...experiment, reason: 'the run ended before it was complete' }
        : experiment,
    ),
    noise: noiseIn(store, plans, request.seed),
  };
}

function judgeAllClaims(run: Run, store: SampleStore, request: BenchRequest): Run['claims'] {
  const evidence = new Evidence(run, store, request);
  return claims.map((claim) => judge(claim, evidence));
}

export const plannedSeconds = (plans: readonly ExperimentPlan[]): number =>
  plans.reduce((sum, plan) => sum + secondsOf(plan), 0);
