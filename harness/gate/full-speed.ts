import { quantile } from '../statistics/median.js';
import type { Figure, Figures, Reading } from './figures.js';

/** A reading counts as at full speed when the sentinel beside it was within this of the fastest. */
const TOLERANCE = 1.1;
const FASTEST = 0.05;

/**
 * The pass of the sentinel, in ns, up to which a reading is at full speed: within 10 % of the fastest twentieth that the
 * gate saw of this version, over its whole length; null where its samples have no sentinel.
 */
export function fullSpeedLimitNs(launches: readonly Figures[]): number | null {
  const passes = launches.flatMap((figures) =>
    [...figures.values()].flatMap(({ readings }) =>
      readings.flatMap(({ passNs }) => (passNs === null ? [] : [passNs])),
    ),
  );
  return passes.length === 0 ? null : quantile(passes, FASTEST) * TOLERANCE;
}

/** The figure's values at full speed. */
export const atFullSpeed = ({ readings }: Pick<Figure, 'readings'>, limitNs: number): number[] =>
  valuesOf(readings.filter(({ passNs }) => passNs !== null && passNs <= limitNs));

export const valuesOf = (readings: readonly Reading[]): number[] => readings.map(({ value }) => value);
