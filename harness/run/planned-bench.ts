import { readFileSync } from 'node:fs';
import type { PollerName } from '../../pollers/manifest.js';
import { describeEnvironment } from '../collectors/environment.js';
import type { Experiment, ExperimentPlan, PlanContext } from '../experiments/experiment.js';
import { skippedPlan } from '../experiments/skipped-plan.js';
import { offerPollers } from '../processes/control/parent.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import type { Environment, Profile } from '../results/run-schema.js';
import { requireContract, requireUsable } from './own-pollers.js';
import { hashOf, type RunPlan, secondsOf, withFewerLaunches, withLongerLaunches } from './plan.js';
import { contextOf } from './plan-context.js';

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
  /** As many rounds as fit into so many seconds, where the profile's take less. */
  readonly launchSeconds?: number;
  /** The cells that these rounds are for; absent: all. */
  readonly launchCells?: ReadonlySet<string>;
  /** Whether the user's own pollers were held to the contract before. */
  readonly isContractKept?: boolean;
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
  if (!request.isContractKept) {
    for (const [name, file] of Object.entries(own)) await requireContract(name, file);
  }
  const context = await contextOf({ profile, pollers, connections });
  for (const name of pollers) requireUsable(name, context.probe);
  const plans = plansOf(request, context);
  const { probe } = context;
  const environment = {
    ...describeEnvironment(probe, context.cpus),
    ...(context.waitSyscalls && { waitSyscalls: context.waitSyscalls }),
  };
  return { request, tool, probe, environment, plans, context };
}

export const plansOf = (
  { experiments, launches, launchSeconds, launchCells }: BenchRequest,
  context: PlanContext,
): ExperimentPlan[] =>
  experiments.map((experiment) =>
    withLongerLaunches(
      withFewerLaunches(planHere(experiment, context), launches),
      launchSeconds,
      launchCells,
    ),
  );

/** Elsewhere its cells are known, and left out. */
function planHere(experiment: Experiment, context: PlanContext): ExperimentPlan {
  const plan = experiment.plan(context);
  const { needsLinux } = experiment;
  if (needsLinux === undefined || process.platform === 'linux') return plan;
  const skip = `it needs Linux and this is ${process.platform}: ${needsLinux}`;
  return { ...skippedPlan(plan, () => skip), warnings: [] };
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

export const plannedSeconds = (plans: readonly ExperimentPlan[]): number =>
  plans.reduce((sum, plan) => sum + secondsOf(plan), 0);
