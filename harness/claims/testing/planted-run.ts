import { cellId } from '../../results/cell-id.js';
import { METRIC_UNITS, type MetricName } from '../../results/metrics.js';
import type { Cell, Factors, Figure, Run, Series } from '../../results/run-schema.js';
import type { Rounds } from '../../statistics/rounds.js';
import { Evidence, type RoundSource } from '../evidence.js';

/** A run whose every figure is planted, so that a test knows which verdict is right. */

export interface Planted {
  readonly experiment: string;
  readonly poller: Cell['poller'];
  readonly series?: Series;
  readonly factors: Factors;
  readonly metrics: Readonly<Record<string, number | Rounds>>;
  readonly skipped?: string;
}

const LAUNCHES = 3;
const ROUNDS = 6;

/** Launches, and rounds of each, around a value that differ by up to this share, the same way in every cell. */
export const around = (value: number, spread = 0.004): Rounds =>
  Array.from({ length: LAUNCHES }, (_, launch) =>
    Array.from(
      { length: ROUNDS },
      (_, round) =>
        value * (1 + spread * (0.6 * Math.sin(5 * launch) + 0.4 * Math.sin(7 * launch + 3 * round))),
    ),
  );

export function plantedEvidence(
  planted: readonly Planted[],
  aaRatio: number | null = 1.01,
  profile: Run['profile'] = 'standard',
  connections: readonly number[] | null = [1],
  pollers: readonly string[] = [...new Set(planted.map(({ poller }) => poller))],
): Evidence {
  const samples = new Map<string, Readonly<Record<string, Rounds>>>();
  const cells = planted.map((plant): Cell => {
    const { experiment, poller, series = 'pollcost', factors, skipped } = plant;
    const id = cellId(experiment, poller, series, factors);
    const base = { id, experiment, poller, series, factors, flags: [] };
    if (skipped !== undefined) return { ...base, status: 'skipped', reason: skipped, metrics: {} };
    const rounds = Object.fromEntries(
      Object.entries(plant.metrics).map(([name, value]) => [
        name,
        typeof value === 'number' ? around(value) : value,
      ]),
    );
    samples.set(id, rounds);
    const metrics = Object.fromEntries(
      Object.entries(rounds).map(([name, figures]) => [name, figureOf(name, figures)]),
    );
    return { ...base, status: 'measured', metrics };
  });
  const experiments = [...new Set(planted.map(({ experiment }) => experiment))].map((id) => {
    const [reason, ...others] = new Set(
      planted.filter(({ experiment }) => experiment === id).map(({ skipped }) => skipped),
    );
    const ran = { id, rounds: ROUNDS * LAUNCHES, launches: LAUNCHES, seconds: 1 };
    return reason === undefined || others.length > 0
      ? { ...ran, status: 'completed' }
      : { ...ran, status: 'skipped', reason };
  });
  const noise = aaRatio === null ? null : figureOf('ratio', around(aaRatio));
  const environment = { memoryBytes: 2 ** 34, maxUserWatches: null, slabinfo: true, btf: true };
  const run = {
    seed: 1,
    profile,
    warnings: [],
    environment,
    cells,
    experiments,
    noise: { aaRatio: noise, flaggedRounds: 0 },
  } as unknown as Run;
  const source: RoundSource = {
    rounds: (metric, ids) =>
      ids.map((id, at) => samples.get(id)?.[typeof metric === 'string' ? metric : (metric[at] ?? '')] ?? []),
    launches: (metric, ids) => ids.map((id) => samples.get(id)?.[metric] ?? []),
    scatterOf: () => null,
  };
  return new Evidence(run, source, { connections, pollers });
}

function figureOf(metric: string, figures: Rounds): Figure {
  const sorted = figures.flat().sort((a, b) => a - b);
  return {
    value: sorted[sorted.length >> 1] as number,
    low: sorted[0] as number,
    high: sorted.at(-1) as number,
    unit: METRIC_UNITS[metric as MetricName] ?? 'ratio',
    n: sorted.length,
    launches: figures.length,
  };
}
