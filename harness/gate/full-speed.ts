import { fullSpeedOf } from '../statistics/full-speed.js';
import type { Figure, Figures, Reading } from './figures.js';

/**
 * The pass of the sentinel, in ns, up to which a reading is at full speed, as in a run (`statistics/full-speed.ts`), but over all
 * that the gate saw of this version; null where its samples have no sentinel, or too few to tell.
 */
export function fullSpeedLimitNs(launches: readonly Figures[]): number | null {
  const passes = launches.flatMap((figures) =>
    [...figures.values()].flatMap(({ readings }) =>
      readings.flatMap(({ passNs }) => (passNs === null ? [] : [passNs])),
    ),
  );
  return fullSpeedOf(passes)?.to ?? null;
}

/** The figure's values at full speed. */
export const atFullSpeed = ({ readings }: Pick<Figure, 'readings'>, limitNs: number): number[] =>
  valuesOf(readings.filter(({ passNs }) => passNs !== null && passNs <= limitNs));

export const valuesOf = (readings: readonly Reading[]): number[] => readings.map(({ value }) => value);
