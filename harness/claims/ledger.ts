import type { Effect, Factors, MeasuredCell } from '../results/run-schema.js';
import { intervalsOfMedians } from '../statistics/bootstrap.js';
import { seedFrom } from '../statistics/random.js';
import type { Rounds } from '../statistics/rounds.js';
import { type Judged, type Limits, within } from './claim.js';
import { comparedConditions, conditionsOf, type Evidence, Missing } from './evidence.js';

/** The memory ledger as claims read it. */

export const EXPERIMENT = 'memory';
export type Source = 'computed' | 'read';

/** What the program hands over and what the kernel takes, for good and while it blocks. */
export const WITHOUT_COPIES = ['userBytes', 'kernelPersistentBytes', 'kernelBlockedBytes'] as const;
export const EVERYTHING = [...WITHOUT_COPIES, 'userCopyBytes'] as const;

const watched = ({ factors }: MeasuredCell) => Number(factors.watched);

/** The first fd that can be watched follows Node's own; cells that start elsewhere are another question. */
const startsLow = (cell: MeasuredCell) => {
  const before = Number(cell.factors.highestFd) - watched(cell);
  return before > 0 && before < 64;
};

/** Cells in which the lowest free numbers are watched, by how many. */
export function poolCells(evidence: Evidence, poller: string, source: Source): MeasuredCell[] {
  return evidence
    .cells({ experiment: EXPERIMENT, poller, factors: { source } })
    .filter(startsLow)
    .sort((a, b) => watched(a) - watched(b));
}

/** @throws Missing with what would have to be done to have it */
export function poolCell(evidence: Evidence, poller: string, source: Source, count: number): MeasuredCell {
  const found = poolCells(evidence, poller, source).find((cell) => watched(cell) === count);
  if (found) return found;
  const query = { experiment: EXPERIMENT, poller, factors: { watched: count, source } };
  // Says why it is not there.
  evidence.cell(query);
  throw new Missing(`${EXPERIMENT} of ${poller} at watched=${count}, source=${source}`);
}

export const figureOf = (cell: MeasuredCell, metrics: readonly string[]): number =>
  metrics.reduce((sum, metric) => sum + (cell.metrics[metric]?.value ?? Number.NaN), 0);

/** Any figure of the medians of some metrics of one cell. @throws Missing without them */
export function fromCell(
  evidence: Evidence,
  { name, unit, decides }: Pick<Effect, 'name' | 'unit' | 'decides'>,
  cell: MeasuredCell,
  metrics: readonly string[],
  statistic: (medians: Float64Array) => number,
): Effect {
  const series = evidence.rounds(
    metrics,
    metrics.map(() => cell),
  );
  return fromSeries(evidence, { name, unit, decides, factors: conditionsOf(cell) }, series, statistic);
}

/** The sum of some metrics of one cell, in bytes. */
export const sumOf = (
  evidence: Evidence,
  name: string,
  cell: MeasuredCell,
  metrics: readonly string[],
  decides: boolean,
): Effect => fromCell(evidence, { name, unit: 'bytes', decides }, cell, metrics, sum);

/** The growth of one metric with each watched fd over all of these cells, by least squares. */
export function slopeOf(
  evidence: Evidence,
  name: string,
  cells: readonly MeasuredCell[],
  metric: string,
  decides: boolean,
): Effect {
  const counts = cells.map(watched);
  const mean = sum(counts) / counts.length;
  const spread = sum(counts.map((count) => (count - mean) ** 2));
  const [first, last] = [cells.at(0) as MeasuredCell, cells.at(-1) as MeasuredCell];
  const about = { name, unit: 'bytes', decides, factors: comparedConditions(last, first) } as const;
  return fromSeries(evidence, about, evidence.rounds(metric, cells), (medians) =>
    counts.reduce((slope, count, index) => slope + ((count - mean) * (medians[index] as number)) / spread, 0),
  );
}

export function sum(figures: ArrayLike<number>): number {
  return Array.from(figures).reduce((total, figure) => total + figure, 0);
}

function fromSeries(
  evidence: Evidence,
  { name, unit, decides, factors }: Pick<Effect, 'name' | 'unit' | 'decides'> & { factors: Factors },
  series: readonly Rounds[],
  statistic: (medians: Float64Array) => number,
): Effect {
  if (series.some((rounds) => rounds.flat().length === 0)) throw new Missing(`rounds for ${name}`);
  const { it } = intervalsOfMedians(series, (medians) => ({ it: statistic(medians) }), {
    seed: seedFrom(evidence.seed, name),
  });
  const { value, low, high, n } = it;
  return { name, value, low, high, unit, n, decides, factors };
}

/** As far apart as two ways of counting the same bytes may be. */
const AGREE = 0.15;

/** One quantity in both columns of the ledger. */
export interface Booked {
  /** What the rule reads. */
  readonly judged: Judged;
  /** What stands beside it. */
  readonly beside: readonly Effect[];
  /** Where the columns are further apart than they may be. */
  readonly disagreement: string | null;
}

/** What the kernel's own books say decides; where they were not read, what its structures add up to. */
export function byTheBooks(read: Effect | null, computed: Effect, limits: Limits): Booked {
  if (read === null) return { judged: within(computed, limits), beside: [], disagreement: null };
  const apart = read.value / computed.value - 1;
  return {
    judged: within(read, limits),
    beside: [{ ...computed, decides: false }],
    disagreement:
      Math.abs(apart) > AGREE ? `${read.name} is ${(apart * 100).toFixed(0)} % from ${computed.name}` : null,
  };
}

/** The two columns have to agree before either decides; null where they do. */
export function disagreementOf(booked: readonly Booked[]): string | null {
  const apart = booked.flatMap(({ disagreement }) => disagreement ?? []);
  if (apart.length === 0) return null;
  return `agreement within 15 % of what the kernel's books say and what its structures add up to: ${apart.join(', ')}`;
}

/** What a verdict without the read column has to be called. */
export const labelOf = ({ environment }: Evidence): string =>
  environment.btf
    ? 'computed from the sizes that this kernel gives for its structures'
    : 'assumed: computed from the sizes that structures have on Linux 6.18 of x64, because this kernel does not give them (/sys/kernel/btf/vmlinux)';
