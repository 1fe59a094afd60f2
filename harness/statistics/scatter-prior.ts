import { median } from './median.js';
import { digamma, trigamma, trigammaInverse } from './polygamma.js';

/**
 * What the cells of an experiment know together of how far launches scatter. Two or three launches say next to nothing of it
 * for one cell; hundreds of cells of the same launches do.
 */

/** A variance that is known beforehand, and how many degrees of freedom it is worth. */
export interface ScatterPrior {
  readonly variance: number;
  readonly degrees: number;
}

/** A variance and the degrees of freedom that it was estimated with. */
export interface EstimatedVariance {
  readonly variance: number;
  readonly degrees: number;
}

/** Fewer variances do not show how they are distributed. */
const LEAST_VARIANCES = 6;
/** Variances that scatter no more than chance makes them are one; this many degrees of freedom are as good as any. */
const MOST_DEGREES = 50;

/**
 * The distribution from which these variances come: scaled inverse chi-square, its scale and degrees by matching the mean and
 * the variance of their logarithms (Smyth, Linear models and empirical Bayes methods for assessing differential expression in
 * microarray experiments, Stat. Appl. Genet. Mol. Biol. 3, 2004, section 6.2). The more they differ beyond chance, the fewer
 * degrees it is worth. Null for fewer than six that are above 0.
 */
export function scatterPrior(estimated: readonly EstimatedVariance[]): ScatterPrior | null {
  const usable = estimated.filter(({ variance, degrees }) => variance > 0 && degrees > 0);
  if (usable.length < LEAST_VARIANCES) return null;
  const logs = usable.map(
    ({ variance, degrees }) => Math.log(variance) - digamma(degrees / 2) + Math.log(degrees / 2),
  );
  const mean = meanOf(logs);
  const spread = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const beyondChance = spread - meanOf(usable.map(({ degrees }) => trigamma(degrees / 2)));
  const degrees = beyondChance > 0 ? Math.min(MOST_DEGREES, 2 * trigammaInverse(beyondChance)) : MOST_DEGREES;
  return { variance: Math.exp(mean + digamma(degrees / 2) - Math.log(degrees / 2)), degrees };
}

/** The figure of each launch, null where there is none; of one cell. All cells have the same launches. */
export type LaunchFigures = readonly (number | null)[];

const SWEEPS = 10;

/**
 * How far each cell scatters from launch to launch, apart from what moves all cells of a launch together: that cancels
 * in whatever compares them. Null for a cell of one launch. Figures are logarithms.
 */
export function variancesOfCells(cells: readonly LaunchFigures[]): (EstimatedVariance | null)[] {
  const left = cells.map((figures) => [...figures]);
  const launches = Math.max(0, ...left.map(({ length }) => length));
  const centre = (row: (number | null)[]) => shift(row, meanOf(known(row)));
  for (const row of left) centre(row);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let launch = 0; launch < launches; launch++) {
      const column = left.flatMap((row) => row[launch] ?? []);
      if (column.length === 0) continue;
      const common = median(column);
      for (const row of left) row[launch] = subtracted(row[launch] ?? null, common);
    }
    for (const row of left) centre(row);
  }
  // A launch's common figure is estimated from the same cells.
  const spent = 1 - 1 / Math.max(2, cells.length);
  return left.map((row) => {
    const figures = known(row);
    if (figures.length < 2) return null;
    const degrees = (figures.length - 1) * spent;
    return { variance: figures.reduce((sum, figure) => sum + figure ** 2, 0) / degrees, degrees };
  });
}

const known = (row: LaunchFigures): number[] => row.filter((figure) => figure !== null);

const subtracted = (figure: number | null, by: number): number | null =>
  figure === null ? null : figure - by;

function shift(row: (number | null)[], by: number): void {
  for (let launch = 0; launch < row.length; launch++) row[launch] = subtracted(row[launch] ?? null, by);
}

const meanOf = (figures: readonly number[]): number =>
  figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
