/** The middle one of an odd number of figures, which an interruption of fewer than half of them does not move. */
export const middleOf = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[figures.length >> 1] as number;
