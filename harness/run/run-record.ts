import { remedyForTwin } from '../collectors/remedies.js';
import { toAllowUnshare } from '../collectors/unshare.js';
import { whoAsks } from '../collectors/user.js';
import type { ExperimentPlan } from '../experiments/experiment.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import type { ExperimentResult, Run, Warning } from '../results/run-schema.js';
import { SCHEMA_VERSION } from '../results/run-schema.js';
import { roundsOf } from './plan.js';
import type { BenchRequest, PlannedBench } from './planned-bench.js';
import { quotaWarnings } from './quota-warning.js';
import type { ExperimentRun } from './runner.js';
import type { SampleStore } from './sample-store.js';
import { noiseOf, speedOf, summarise } from './summary.js';

/** What run.json says of a run as it goes on, and what it warns of. */

/** The same run again, before anything more was measured. */
export const resumedRun = (bench: PlannedBench, begun: Run): Run => {
  const fresh = initialRun(bench, begun.id, begun.planHash);
  const seconds = new Map(begun.experiments.map((experiment) => [experiment.id, experiment.seconds]));
  return {
    ...fresh,
    startedAt: begun.startedAt,
    // What a first look has added is made to its end; the second is the last.
    ...(begun.looks?.[0] && { looks: [begun.looks[0]] }),
    experiments: fresh.experiments.map((experiment) => ({
      ...experiment,
      seconds: seconds.get(experiment.id) ?? 0,
    })),
  };
};

export function initialRun(
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
    warnings: unique([
      ...machineWarnings(probe),
      ...loadWarnings(environment),
      ...keptSizes(request),
      ...plans.flatMap(({ warnings }) => warnings),
    ]),
  };
}

/** Asked for other numbers of connections, these go on with their own. */
function keptSizes({ connections, experiments }: BenchRequest): Warning[] {
  const kept = experiments.filter(({ connectionsFactor }) => connectionsFactor === undefined);
  if (connections === null || kept.length === 0) return [];
  return [
    {
      code: 'connections-kept',
      message: `${kept.map(({ id }) => id).join(', ')}: --connections changes nothing there, it replaces the factors watched and idle`,
      advice: 'choose others with --experiments',
    },
  ];
}

/** Several experiments may meet the same limit. */
const unique = (warnings: readonly Warning[]): Warning[] => [
  ...new Map(warnings.map((warning) => [warning.message, warning])).values(),
];

/** What its load does on the core that is measured slows that down. */
const loadWarnings = ({ pinnedTo, loadSharesCore, irqTimeAccounting }: Run['environment']): Warning[] => [
  ...(pinnedTo !== null && loadSharesCore === true
    ? [
        {
          code: 'load-shares-core',
          message:
            'subject and load share a core: what the load does slows down what is measured, and full speed is rarely seen',
          advice: 'run on a machine, or in a cpuset, with CPUs of two cores',
        },
      ]
    : []),
  ...(irqTimeAccounting === true
    ? [
        {
          code: 'irq-time-accounting',
          message:
            "this kernel books interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING): epoll's callback, which softirqs run, is missing from CPU times",
          advice: 'compare senders and servers by whole machines, or on a kernel without it',
        },
      ]
    : []),
];

/** What this machine withholds, and what would give it. */
function machineWarnings({ twin, pinned, unshare }: ProbeFacts): Warning[] {
  if (process.platform !== 'linux') return [notLinux(twin)];
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

/** All that is less there has one cause. */
const notLinux = (twin: ProbeFacts['twin']): Warning => ({
  code: 'not-linux',
  message:
    `this is ${process.platform}: turns are measured, in a process that shares its CPU and its file table` +
    `${twin.ok ? '' : `, without figures net of the binding (${twin.reason})`}; what needs Linux is skipped`,
  advice: 'run on Linux, or in a container, to have the claims judged',
});

/** The record after an experiment has come to its end. */
export function afterExperiment(
  run: Run,
  { request }: PlannedBench,
  ended: ExperimentRun,
  store: SampleStore,
): Partial<Run> {
  const { experiment, plan, failures } = ended;
  const [failure] = failures;
  const cells = summarise(plan, store, request.seed, failure?.reason);
  const base = { id: plan.id, ...countsOf(ended, store) };
  const all = [...run.cells, ...cells];
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
    cells: all,
    noise: noiseIn(store, all),
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

/** The experiments of a run with what was made of these, where they are as far as that: on the way, unless told otherwise. */
export function withCounts(
  { experiments }: Run,
  experimentRuns: readonly ExperimentRun[],
  store: SampleStore,
  counted: readonly ExperimentResult['status'][] = ['pending'],
): ExperimentResult[] {
  return experiments.map((experiment) => {
    const of = experimentRuns.find(({ plan }) => plan.id === experiment.id);
    return counted.includes(experiment.status) && of ? { ...experiment, ...countsOf(of, store) } : experiment;
  });
}

/** All of it. Where all cells lack the same, that says more. */
function whySkipped({ visits }: ExperimentPlan): string {
  const reasons = new Set(visits.flatMap(({ series }) => series.map(({ skip }) => skip)));
  const [reason, another] = reasons;
  return another === undefined && reason !== undefined ? reason : 'none of its cells can be measured here';
}

const noiseIn = (store: SampleStore, cells: Run['cells']): Run['noise'] => ({
  ...noiseOf(cells, store),
  flaggedRounds: store.flaggedRounds,
  ...speedOf(store),
});

/** All cells by what the whole run knows: what full speed is was less sure when the first of them were summarised. */
export function summariseAll(run: Run, { request, plans }: PlannedBench, store: SampleStore): Partial<Run> {
  const failureOf = (id: string) => {
    const ran = run.experiments.find((experiment) => experiment.id === id);
    return ran?.status === 'failed' ? ran.reason : undefined;
  };
  const cells = plans.flatMap((plan) => summarise(plan, store, request.seed, failureOf(plan.id)));
  return { cells, noise: noiseIn(store, cells) };
}

export const launchFailed = (experiment: string, reason: string): Warning => ({
  code: 'launch-failed',
  message: `${experiment}: a launch did not finish: ${reason}`,
  advice: 'its finished rounds count; repeat the run for the others',
});

/** What was measured of experiments that did not come to their end. */
export function partialResults(
  run: Run,
  { plans, request }: PlannedBench,
  experimentRuns: readonly ExperimentRun[],
  store: SampleStore,
): Partial<Run> {
  const summarised = new Set(run.cells.map(({ experiment }) => experiment));
  const begun = plans.filter(({ id }) => !summarised.has(id) && store.roundsOf(id).length > 0);
  const cells = [...run.cells, ...begun.flatMap((plan) => summarise(plan, store, request.seed, undefined))];
  return {
    cells,
    experiments: withCounts(run, experimentRuns, store).map((experiment) =>
      experiment.status === 'pending'
        ? { ...experiment, reason: 'the run ended before it was complete' }
        : experiment,
    ),
    noise: noiseIn(store, cells),
  };
}
