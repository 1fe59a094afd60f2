/** Figures of one series in its unit: outer list by launch (process), inner by round of that launch. */
export type Rounds = readonly (readonly number[])[];

/**
 * Combines series that were measured in the same launches and rounds, round by round: `statistic` gets the
 * figures of one round in the order of the series. The result has their shape.
 *
 * @throws RangeError if the series differ in shape or there is none
 */
export function perRound(
  series: readonly Rounds[],
  statistic: (figures: readonly number[]) => number,
): number[][] {
  requireSameShape(series);
  const [first = []] = series;
  return first.map((rounds, launch) =>
    rounds.map((_, round) => statistic(series.map((figures) => figures[launch]?.[round] ?? Number.NaN))),
  );
}

/** @throws RangeError if the series differ in their launches or in the rounds of one, or if there is none */
export function requireSameShape(series: readonly Rounds[]): void {
  const [first, ...others] = series;
  if (first === undefined) throw new RangeError('no series');
  for (const other of others) {
    if (shape(other) === shape(first)) continue;
    throw new RangeError(
      `series of different shape: rounds by launch are [${shape(first)}] and [${shape(other)}]`,
    );
  }
}

/** @throws RangeError if a figure is zero or negative, or not a number */
export function requirePositive(figures: Rounds, what: string): void {
  for (const rounds of figures) {
    for (const figure of rounds) {
      if (!(figure > 0)) throw new RangeError(`${what} must be greater than 0, not ${figure}`);
    }
  }
}

function shape(figures: Rounds): string {
  return figures.map((rounds) => rounds.length).join(', ');
}
