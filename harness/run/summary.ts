import { isDeepStrictEqual } from 'node:util';
import { type NoisePair, noisePairsOf, widestOf } from '../claims/noise-pairs.js';
import type { ExperimentPlan, Visit } from '../experiments/experiment.js';
import { METRIC_UNITS, type MetricName } from '../results/metrics.js';
import type { Cell, Figure, Run, Series, Unit } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { differenceInterval, type Interval, medianInterval } from '../statistics/bootstrap.js';
import { noiseFloorOf } from '../statistics/noise-floor.js';
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
    const interval = once(store, `${metric} of ${id}`, [rounds], () =>
      medianInterval(rounds, options(metric)),
    );
    metrics[metric] = {
      ...figure(`${metric} of ${id}`, interval, METRIC_UNITS[metric as MetricName]),
      ...besideFullSpeed(store, [id], interval, () => {
        const every = store.everySample(metric, id);
        return once(store, `every ${metric} of ${id}`, [every], () => medianInterval(every, options(metric)));
      }),
    };
  }
  const twin = cellIdOf(plan, visit, 'c-twin');
  if (series === 'pollcost' && store.metricsOf(twin).length > 0) {
    const [javascript = [], c = []] = store.rounds('cpuNsPerTurn', [id, twin]);
    const seeded = { seed: seedFrom(seed, id, 'binding') };
    const binding = once(store, `binding of ${id}`, [javascript, c], () =>
      differenceInterval(javascript, c, seeded),
    );
    // Raw minus binding, round by round, is the twin's own figure.
    const net = once(store, `net of ${id}`, [c], () => medianInterval(c, options('net')));
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

/** What was computed of a store's figures, and of which. */
const computed = new WeakMap<SampleStore, Map<string, { series: readonly Rounds[]; interval: Interval }>>();

/**
 * An experiment is summarised when it ends, and with the whole run, once or twice: the same figures have the same interval, whose
 * resamples take seconds in all.
 */
function once(
  store: SampleStore,
  name: string,
  series: readonly Rounds[],
  compute: () => Interval,
): Interval {
  const ofStore = computed.get(store) ?? new Map();
  computed.set(store, ofStore);
  const before = ofStore.get(name);
  if (before && isDeepStrictEqual(before.series, series)) return before.interval;
  const interval = compute();
  ofStore.set(name, { series, interval });
  return interval;
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

/** What is hardly slower than full speed scatters as that does; from here on a difference can be told. */
const LEAST_SLOWDOWN = 1.15;

/**
 * How far apart identical things measure, in the middle over all pairs of the run (root mean square), and by experiment and metric:
 * no verdict rests on a smaller difference. Null and none without pairs.
 */
export function noiseOf(
  cells: readonly Cell[],
  store: SampleStore,
): Pick<Run['noise'], 'aaRatio' | 'floors'> {
  const pairs = noisePairsOf(cells, (metric, of) => store.launches(metric, of));
  const all = widestOf(pairs);
  const kinds = [...new Set(pairs.map(({ experiment, metric }) => `${experiment} ${metric}`))];
  return {
    aaRatio: all.length === 0 ? null : floorOf('noise floor of the run', all),
    floors: kinds.map((kind) => {
      const of = pairs.filter(({ experiment, metric }) => `${experiment} ${metric}` === kind);
      const { experiment, metric } = of[0] as NoisePair;
      return { experiment, metric, pairs: of.length, ratio: floorOf(`noise floor of ${kind}`, of) };
    }),
  };
}

function floorOf(name: string, pairs: readonly NoisePair[]): Figure {
  const { value, low, high } = noiseFloorOf(pairs.map(({ logRatio }) => logRatio));
  const n = pairs.reduce((sum, { rounds }) => sum + rounds, 0);
  const launches = Math.min(...pairs.map((pair) => pair.launches));
  return figure(name, { value, low, high, n, launches }, 'ratio');
}
