import type { Experiment, ExperimentPlan } from '../../harness/experiments/experiment.js';
import { openTurnSession, planTurns, type TurnPoint } from '../../harness/experiments/turn-experiment.js';
import type { Series } from '../../harness/results/run-schema.js';
import { cellIdOf } from '../../harness/run/plan.js';
import { contextOf } from '../../harness/run/plan-context.js';
import { runExperiment } from '../../harness/run/runner.js';
import { SampleStore } from '../../harness/run/sample-store.js';
import type { Rounds } from '../../harness/statistics/rounds.js';
import { onePerWaitCall, type PollerName } from '../../pollers/manifest.js';

/** Turns measured for the harness itself, by the harness's own means. */

export const SELF_SEED = 20_300_101;

export interface MeasuredTurns {
  readonly plan: ExperimentPlan;
  /** The rounds of one metric in several series of one visit. */
  rounds(poller: PollerName, point: Partial<TurnPoint>, series: readonly Series[]): Rounds[];
  /** One series at several points, over the rounds that all of them have. */
  roundsAt(poller: PollerName, points: readonly Partial<TurnPoint>[], series: Series): Rounds[];
  /** Several pollers at one point, over the rounds that all of them have. */
  roundsOf(pollers: readonly PollerName[], point: Partial<TurnPoint>): Rounds[];
}

/** Measures these points under every poller: `launches` processes, `rounds` shuffled rounds in each. */
export async function measureTurns(
  points: readonly TurnPoint[],
  launches: number,
  rounds: number,
): Promise<MeasuredTurns> {
  const context = await contextOf({ profile: 'quick', pollers: onePerWaitCall, connections: null });
  const factors = ['watched', 'ready', 'position', 'timeout', 'fileTable'] as const;
  const plan = planTurns({ id: 'self', points, factors, launches, rounds, warnings: [] }, context);
  const experiment: Experiment = { id: 'self', question: '', plan: () => plan, open: openTurnSession };
  const store = new SampleStore();
  const { failures } = await runExperiment(experiment, plan, {
    seed: SELF_SEED,
    subjectCpu: context.cpus?.subject ?? null,
    record: (lines) => store.add(lines),
    advance: () => {},
    isDone: () => false,
    fullSpeed: () => store.fullSpeed,
    stop: new AbortController().signal,
  });
  if (failures[0]) throw new Error(failures[0].reason);
  const cell = (poller: PollerName, point: Partial<TurnPoint>, series: Series): string => {
    const visit = plan.visits.find(
      (candidate) =>
        candidate.poller === poller &&
        factors.every((name) => point[name] === undefined || candidate.factors[name] === point[name]),
    );
    if (!visit) throw new Error(`no visit of ${poller} at ${JSON.stringify(point)}`);
    return cellIdOf(plan, visit, series);
  };
  return {
    plan,
    rounds: (poller, point, series) =>
      store.rounds(
        'cpuNsPerTurn',
        series.map((name) => cell(poller, point, name)),
      ),
    roundsAt: (poller, points, series) =>
      store.rounds(
        'cpuNsPerTurn',
        points.map((point) => cell(poller, point, series)),
      ),
    roundsOf: (pollers, point) =>
      store.rounds(
        'cpuNsPerTurn',
        pollers.map((poller) => cell(poller, point, 'pollcost')),
      ),
  };
}

export const idleTurn = (watched: number, fileTable: TurnPoint['fileTable'] = 'private'): TurnPoint => ({
  watched,
  ready: 0,
  position: 'none',
  timeout: 'zero',
  wakesPerSecond: 0,
  socket: 'tcp',
  fileTable,
});
