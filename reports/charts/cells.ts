import type { Factors, MeasuredCell, Run, Series, Unit } from '../../harness/results/run-schema.js';
import { inOrder, type PollerId } from '../theme/pollers.js';
import type { Point } from './chart.js';

interface Wanted {
  readonly experiment: string;
  readonly series: Series;
  readonly metric: string;
  readonly where?: (factors: Factors) => boolean;
}

/** The measured cells of an experiment and series that have the metric. */
export const cellsWith = (run: Run, { experiment, series, metric, where }: Wanted): MeasuredCell[] =>
  run.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === 'measured' &&
      cell.experiment === experiment &&
      cell.series === series &&
      cell.metrics[metric] !== undefined &&
      (where?.(cell.factors) ?? true),
  );

/** Only the cells with the first level of `factor` that any cell has: one condition, never a mixture. */
export const preferring = (
  cells: readonly MeasuredCell[],
  factor: string,
  levels: readonly (string | number)[],
): MeasuredCell[] => {
  const level = levels.find((wanted) => cells.some((cell) => cell.factors[factor] === wanted));
  return level === undefined ? [...cells] : cells.filter((cell) => cell.factors[factor] === level);
};

/** Hot caches, a file table of its own and TCP sockets, as far as there are such cells. */
export const inUsualConditions = (cells: readonly MeasuredCell[]): MeasuredCell[] =>
  preferring(
    preferring(preferring(cells, 'temperature', ['hot', 'cold']), 'fileTable', ['private', 'shared']),
    'socket',
    ['tcp', 'unix'],
  );

/** Cells that differ in nothing but these factors and the poller, group by group in order of appearance. */
export const groupedBut = (
  cells: readonly MeasuredCell[],
  ...varied: readonly string[]
): MeasuredCell[][] => {
  const groups = new Map<string, MeasuredCell[]>();
  for (const cell of cells) {
    const fixed = Object.keys(cell.factors).filter((factor) => !varied.includes(factor));
    const key = JSON.stringify(cell.factors, fixed.sort());
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.values()];
};

/**
 * The metric of each cell against one of its factors, by poller in the order of legends, then by that factor.
 */
export const pointsOf = (cells: readonly MeasuredCell[], metric: string, factor: string): Point[] => {
  const points = cells.flatMap((cell) => {
    const figure = cell.metrics[metric];
    const x = cell.factors[factor];
    if (!figure || typeof x !== 'number') return [];
    const { poller, series, flags } = cell;
    const { value, low, high, unit } = figure;
    return [{ poller, series, x, flags, value, low, high, unit }];
  });
  return pollersOf(points).flatMap((poller) =>
    points.filter((point) => point.poller === poller).sort((a, b) => a.x - b.x),
  );
};

/** The metric of each cell in rows that have a name: their order is that of their places. */
export const rowsOf = (
  cells: readonly MeasuredCell[],
  metric: string,
  labelOf: (factors: Factors, cell: MeasuredCell) => string,
  placeOf: (factors: Factors, cell: MeasuredCell) => number,
): Point[] =>
  cells
    .flatMap((cell) => {
      const { poller, series, flags, factors, metrics } = cell;
      const figure = metrics[metric];
      if (!figure) return [];
      const { value, low, high, unit } = figure;
      const [label, x] = [labelOf(factors, cell), placeOf(factors, cell)];
      return [{ poller, series, x, label, flags, value, low, high, unit }];
    })
    .sort((a, b) => a.x - b.x);

/** The whole extent of some figures, for the domain of their axis. */
export const extentOf = (points: readonly Point[]): number[] =>
  points.flatMap(({ value, low, high }) => [value, low, high]);

const NS_OF: Partial<Record<Unit, number>> = { us: 1e3, ms: 1e6, s: 1e9 };

/** Times in nanoseconds, as axes label them. */
export const inNanoseconds = (points: readonly Point[]): Point[] =>
  points.map((point) => {
    const factor = NS_OF[point.unit];
    if (factor === undefined) return point;
    const { value, low, high } = point;
    return { ...point, value: value * factor, low: low * factor, high: high * factor, unit: 'ns' };
  });

/** The distinct levels of a numeric factor, ascending. */
export const levelsOf = (cells: readonly MeasuredCell[], factor: string): number[] =>
  [...new Set(cells.map(({ factors }) => Number(factors[factor])))].sort((a, b) => a - b);

export const pollersOf = (points: readonly Point[]): PollerId[] =>
  inOrder(points.map(({ poller }) => poller));

/** Why there is nothing to draw from an experiment, in words that end a sentence. */
export const absence = (run: Run, experiment: string, wanted: string): string => {
  const result = run.experiments.find(({ id }) => id === experiment);
  if (!result) return `experiment ${experiment} was not part of this run`;
  const cells = run.cells.filter((cell) => cell.experiment === experiment);
  if (cells.some(({ status }) => status === 'measured'))
    return `experiment ${experiment} measured no ${wanted}`;
  if (result.status !== 'completed') return `experiment ${experiment} is ${result.status}: ${result.reason}`;
  const [first] = cells;
  if (!first || first.status === 'measured') return `experiment ${experiment} measured no cell`;
  return `every cell of experiment ${experiment} was ${first.status}: ${first.reason}`;
};
