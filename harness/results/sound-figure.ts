/** A figure that no run.json may hold. */
export class UnsoundFigure extends Error {
  override readonly name = 'UnsoundFigure';
}

/** Passes a figure on, where it is made, if all of it is finite and low <= value <= high. @throws UnsoundFigure that names it */
export function soundFigure<Figure extends { value: number; low: number; high: number }>(
  name: string,
  figure: Figure,
): Figure {
  const { value, low, high } = figure;
  if (![value, low, high].every(Number.isFinite)) {
    throw new UnsoundFigure(`${name} is not finite: ${value} [${low}, ${high}]`);
  }
  if (!(low <= value && value <= high)) {
    throw new UnsoundFigure(`${name} lies outside its interval: ${value} [${low}, ${high}]`);
  }
  return figure;
}
