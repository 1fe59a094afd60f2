import { inverse, Matrix, QrDecomposition } from 'ml-matrix';
import { quantile } from './median.js';
import { randomFrom } from './random.js';

/** Not enough to fit so many coefficients to. */
export class TooFewFigures extends RangeError {
  override readonly name = 'TooFewFigures';
}

/** A linear model that was fitted to relative errors, and what else might have been fitted. */
export interface RelativeFit {
  /** Indices of the columns that the rows can tell from the ones before them; the others have no coefficient. */
  readonly columns: readonly number[];
  /** One for each of `columns`. */
  readonly coefficients: readonly number[];
  /** The same of fits to figures whose relative residuals were drawn anew: their scatter is the coefficients'. */
  readonly resampled: readonly (readonly number[])[];
}

/** A column of which the ones before it explain all but this share says nothing that noise of some percent would let be heard. */
const LEAST_NEW = 0.1;
const RESAMPLES = 1000;

/**
 * The coefficients that minimise the sum of ((y - rows * coefficients) / y)^2. Columns that are zero or a combination of
 * earlier ones are left out. The scatter is a residual bootstrap: relative residuals, made larger for the degrees of freedom
 * that the fit took, so that it holds noise and lack of fit alike.
 *
 * @param rows one for each figure, all of one length
 * @param ys each greater than 0
 * @throws TooFewFigures unless there are 2 more figures than columns that can be told apart; RangeError for other figures
 */
export function fitRelative(
  rows: readonly (readonly number[])[],
  ys: readonly number[],
  seed: number,
): RelativeFit {
  const scaled = new Matrix(rows.map((row, index) => row.map((entry) => entry / positive(ys[index]))));
  const columns = independentColumns(scaled);
  const spare = rows.length - columns.length;
  if (spare < 2)
    throw new TooFewFigures(`${rows.length} figures are too few for ${columns.length} coefficients`);
  const coefficients = solve(scaled.subMatrixColumn(columns), Array(ys.length).fill(1));
  const chosen = rows.map((row) => columns.map((column) => row[column] as number));
  const fitted = chosen.map((row) => dot(row, coefficients));
  const inflation = Math.sqrt(rows.length / spare);
  const residuals = fitted.map((value, index) => ((ys[index] as number) / value - 1) * inflation);
  const design = new Matrix(
    chosen.map((row, index) => row.map((entry) => entry / (fitted[index] as number))),
  );
  const decomposition = new QrDecomposition(design);
  const random = randomFrom(seed);
  const draw = () => 1 + (residuals[Math.floor(random() * residuals.length)] as number);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    decomposition.solve(Matrix.columnVector(fitted.map(draw))).getColumn(0),
  );
  return { columns, coefficients, resampled };
}

/** The middle 95 % of some figures, made to hold `value`. */
export function middle(figures: readonly number[], value: number): { low: number; high: number } {
  return {
    low: Math.min(value, quantile(figures, 0.025)),
    high: Math.max(value, quantile(figures, 0.975)),
  };
}

/** A loop: a report predicts millions of times, and a call for each entry is several times dearer. */
export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

const sizeOf = (a: readonly number[]): number => Math.sqrt(dot(a, a));

function positive(y: number | undefined): number {
  if (!(y !== undefined && y > 0 && y < Number.POSITIVE_INFINITY))
    throw new RangeError(`a relative fit needs figures greater than 0, not ${y}`);
  return y;
}

const solve = (matrix: Matrix, target: readonly number[]): number[] =>
  new QrDecomposition(matrix).solve(Matrix.columnVector([...target])).getColumn(0);

/**
 * For each column of rows, all of one length, what all others do not explain of it, as a share: of the scatter that its coefficient
 * would have alone, over what it has beside them. 0 where the columns before it explain it.
 */
export function sharesTold(rows: readonly (readonly number[])[]): number[] {
  if (rows.length === 0) return [];
  const matrix = new Matrix(rows.map((row) => [...row]));
  const columns = independentColumns(matrix);
  const told: number[] = Array(matrix.columns).fill(0);
  if (rows.length < columns.length) return told;
  const alike = new Matrix(
    columns.map((column) => {
      const entries = matrix.getColumn(column);
      const size = sizeOf(entries);
      return entries.map((entry) => entry / size);
    }),
  );
  const scatter = inverse(alike.mmul(alike.transpose()));
  for (const [place, column] of columns.entries()) told[column] = 1 / Math.sqrt(scatter.get(place, place));
  return told;
}

const independentColumns = (matrix: Matrix): number[] =>
  sharesLeft(matrix).flatMap((share, column) => (share > 0 ? [column] : []));

/** Gram-Schmidt: keeps what each column adds to those before it, if that is anything. */
function sharesLeft(matrix: Matrix): number[] {
  const directions: number[][] = [];
  return Array.from({ length: matrix.columns }, (_, column) => {
    const entries = matrix.getColumn(column);
    const size = sizeOf(entries);
    const left = directions.reduce((rest, direction) => {
      const share = dot(rest, direction);
      return rest.map((entry, index) => entry - share * (direction[index] as number));
    }, entries);
    const rest = sizeOf(left);
    if (rest <= LEAST_NEW * size) return 0;
    directions.push(left.map((entry) => entry / rest));
    return rest / size;
  });
}
