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

/** The window that each launch's figure of a cell is of, by name, which cells that share it have in common; null: it is of none. */
export type LaunchWindows = readonly (string | null)[];

const SWEEPS = 10;

/**
 * How far each cell scatters from launch to launch, apart from what moves all cells of a launch together: that cancels
 * in whatever compares them. Of cells that share a window it is what moves them together there. Null for a cell of one launch.
 * Figures are logarithms; `windows` are those of each cell, absent where none are shared.
 */
export function variancesOfCells(
  cells: readonly LaunchFigures[],
  windows: readonly LaunchWindows[] = [],
): (EstimatedVariance | null)[] {
  const left = cells.map((figures) => [...figures]);
  const launches = Math.max(0, ...left.map(({ length }) => length));
  const together = Array.from({ length: launches }, (_, launch) => movingTogether(left, windows, launch));
  const centre = (row: (number | null)[]) => shift(row, meanOf(known(row)));
  for (const row of left) centre(row);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [launch, { alone, sharing }] of together.entries()) {
      const figuresOf = (group: readonly (number | null)[][]) => group.map((row) => row[launch] as number);
      const take = (common: number, from: readonly (number | null)[][]) => {
        for (const row of from) row[launch] = (row[launch] as number) - common;
      };
      if (alone.length > 0) take(median(figuresOf(alone)), alone);
      // Two or three, of which none lies far off by itself.
      for (const group of sharing) take(meanOf(figuresOf(group)), group);
    }
    for (const row of left) centre(row);
  }
  return left.map((row) => {
    const figures = known(row);
    if (figures.length < 2) return null;
    // What is common to them is estimated from the same cells.
    const sharers = together.flatMap(({ sharing }) => sharing.filter((group) => group.includes(row)));
    const fewest = Math.min(cells.length, ...sharers.map(({ length }) => length));
    const degrees = (figures.length - 1) * (1 - 1 / Math.max(2, fewest));
    return { variance: figures.reduce((sum, figure) => sum + figure ** 2, 0) / degrees, degrees };
  });
}

/** The cells of one launch: those that share a window with each other, and all others. */
function movingTogether(rows: (number | null)[][], windows: readonly LaunchWindows[], launch: number) {
  const alone: (number | null)[][] = [];
  const byWindow = new Map<string, (number | null)[][]>();
  for (const [at, row] of rows.entries()) {
    if ((row[launch] ?? null) === null) continue;
    const name = windows[at]?.[launch] ?? null;
    if (name === null) alone.push(row);
    else byWindow.set(name, [...(byWindow.get(name) ?? []), row]);
  }
  const groups = [...byWindow.values()];
  const isShared = ({ length }: readonly unknown[]) => length > 1;
  alone.push(...groups.filter((group) => !isShared(group)).flat());
  return { alone, sharing: groups.filter(isShared) };
}

const known = (row: LaunchFigures): number[] => row.filter((figure) => figure !== null);

function shift(row: (number | null)[], by: number): void {
  for (const [launch, figure] of row.entries()) row[launch] = figure === null ? null : figure - by;
}

const meanOf = (figures: readonly number[]): number =>
  figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
