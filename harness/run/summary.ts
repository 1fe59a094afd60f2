import type { ExperimentPlan, Visit } from '../experiments/experiment.js';
import { METRIC_UNITS, type MetricName } from '../results/metrics.js';
import type { Cell, Figure, Run, Series, Unit } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { differenceInterval, type Interval, medianInterval, ratioInterval } from '../statistics/bootstrap.js';
import { seedFrom } from '../statistics/random.js';
import type { Rounds } from '../statistics/rounds.js';
import { cellIdOf } from './plan.js';
import type { SampleStore } from './sample-store.js';

/** Turns an experiment's samples into its cells. `failure` is why samples may be missing. */
export function summarise(
  plan: ExperimentPlan,
  store: SampleStore,
  seed: number,
  failure: string | undefined,
): Cell[] {
  return plan.visits.flatMap((visit) =>
    visit.series.map(({ name, skip }): Cell => {
      const id = cellIdOf(plan, visit, name);
      const base = { id, experiment: plan.id, poller: visit.poller, series: name, factors: visit.factors };
      if (skip !== undefined) return { ...base, status: 'skipped', flags: [], reason: skip, metrics: {} };
      const metrics = metricsOf(plan, visit, name, store, seed);
      if (Object.keys(metrics).length === 0) {
        const reason = failure ?? 'the run ended before this cell was measured';
        return { ...base, status: failure ? 'failed' : 'skipped', flags: [], reason, metrics: {} };
      }
      return { ...base, status: 'measured', flags: store.flagsOf(id), metrics };
    }),
  );
}

function metricsOf(
  plan: ExperimentPlan,
  visit: Visit,
  series: Series,
  store: SampleStore,
  seed: number,
): Record<string, Figure> {
  const id = cellIdOf(plan, visit, series);
  const options = (metric: string) => ({ seed: seedFrom(seed, id, metric), floor: 0 });
  const metrics: Record<string, Figure> = {};
  for (const metric of store.metricsOf(id)) {
    const [rounds = []] = store.rounds(metric, [id]);
    const interval = medianInterval(rounds, options(metric));
    metrics[metric] = {
      ...figure(`${metric} of ${id}`, interval, METRIC_UNITS[metric as MetricName]),
      ...besideFullSpeed(store, [id], interval, () =>
        medianInterval(store.everySample(metric, id), options(metric)),
      ),
    };
  }
  const twin = cellIdOf(plan, visit, 'c-twin');
  if (series === 'pollcost' && store.metricsOf(twin).length > 0) {
    const [javascript = [], c = []] = store.rounds('cpuNsPerTurn', [id, twin]);
    const seeded = { seed: seedFrom(seed, id, 'binding') };
    const binding = differenceInterval(javascript, c, seeded);
    // Raw minus binding, round by round, is the twin's own figure.
    const net = medianInterval(c, options('net'));
    const atAnySpeed = () => store.roundsAtAnySpeed('cpuNsPerTurn', [id, twin]) as [Rounds, Rounds];
    metrics.bindingNsPerTurn = {
      ...figure(`bindingNsPerTurn of ${id}`, binding, 'ns'),
      ...besideFullSpeed(store, [id, twin], binding, () => differenceInterval(...atAnySpeed(), seeded)),
    };
    metrics.netNsPerTurn = {
      ...figure(`netNsPerTurn of ${id}`, net, 'ns'),
      ...besideFullSpeed(store, [id, twin], net, () => medianInterval(atAnySpeed()[1], options('net'))),
    };
  }
  return metrics;
}

const figure = (name: string, { value, low, high, n, launches }: Interval, unit: Unit): Figure =>
  soundFigure(name, { value, low, high, unit, n, launches });

/** How many of the samples of these cells were at full speed, and what every sample says; nothing where none was read. */
function besideFullSpeed(
  store: SampleStore,
  cells: readonly string[],
  chosen: Interval,
  everySample: () => Interval,
): Pick<Figure, 'share' | 'all'> {
  const share = store.shareAtFullSpeed(cells);
  if (share === null) return {};
  const { value, low, high } = share === 1 ? chosen : everySample();
  return { share, all: { value, low, high } };
}

/** What the run says of the machine's speed. */
export const speedOf = (store: SampleStore): Pick<Run['noise'], 'fullSpeedNs' | 'shareAtFullSpeed'> => ({
  fullSpeedNs: store.fullSpeed?.ns ?? null,
  shareAtFullSpeed: store.shareAtFullSpeed(),
});

/** How much of a run was at full speed, for people; null where nothing is known of it. */
export function speedLine(share: number | null, slowdown: number | null): string | null {
  if (share === null) return null;
  if (slowdown === null) return 'all samples at full speed';
  const rest =
    slowdown < LEAST_SLOWDOWN ? 'the rest hardly slower' : `the rest ${slowdown.toFixed(1)} times slower`;
  return `${Math.floor(share * 100)} % of the samples at full speed, ${rest}: neighbours`;
}

/** The core is at full speed within a tenth; this is where a difference can be told. */
const LEAST_SLOWDOWN = 1.15;

/**
 * How far apart identical things measure: of all cells that two copies of the same code measured, the one whose
 * median ratio is farthest from 1. No verdict rests on a smaller difference. Null without such cells.
 */
export function noiseOf(plans: readonly ExperimentPlan[], store: SampleStore, seed: number): Figure | null {
  const ratios = plans.flatMap((plan) =>
    plan.visits.flatMap((visit) => {
      const again = cellIdOf(plan, visit, 'pollcost-again');
      const metrics = store.metricsOf(again);
      if (metrics.length === 0) return [];
      // Where a cycle surrounds the turn, verdicts rest on the cycle: its turn is timed in fewer and shorter pieces.
      const metric = metrics.includes('cpuNsPerCycle') ? 'cpuNsPerCycle' : 'cpuNsPerTurn';
      const [first = [], second = []] = store.rounds(metric, [cellIdOf(plan, visit, 'pollcost'), again]);
      // Where a clock did not see a turn there is no ratio.
      if (first.length === 0 || ![...first, ...second].flat().every((cost) => cost > 0)) return [];
      return [
        figure(`ratio of ${again}`, ratioInterval(second, first, { seed: seedFrom(seed, again) }), 'ratio'),
      ];
    }),
  );
  const deviation = ({ value }: Figure) => Math.abs(Math.log(value));
  return ratios.reduce<Figure | null>(
    (worst, ratio) => (worst && deviation(worst) >= deviation(ratio) ? worst : ratio),
    null,
  );
}
