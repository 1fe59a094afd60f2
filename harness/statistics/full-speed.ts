import { quantile } from './median.js';

/**
 * A shared core has several speeds, and runs at one of them for 10 to 1 000 ms (docs/sentinel.md). Full speed is the
 * fastest that a run sees often enough to measure at: a sentinel's reading is within a tenth of the fastest twentieth of all
 * readings. What is faster still for a moment, a turbo, is another speed, and nothing is measured at it.
 */

const FASTEST_SHARE = 0.05;
const WIDTH = 0.1;
/** Of fewer readings the fastest twentieth is one that chance decides. */
export const LEAST_READINGS = 40;

/** What a sentinel read beside a batch, in ns a pass. */
export interface Speed {
  readonly before: number;
  readonly after: number;
}

/** The level, and between which readings it lies. In ns a pass. */
export interface FullSpeed {
  readonly ns: number;
  readonly from: number;
  readonly to: number;
}

/** The full speed that these readings show; null where there are too few to tell. @throws RangeError unless all are > 0 */
export function fullSpeedOf(readings: readonly number[]): FullSpeed | null {
  if (readings.some((reading) => !(reading > 0)))
    throw new RangeError('a reading of a speed must be greater than 0');
  if (readings.length < LEAST_READINGS) return null;
  const ns = quantile(readings, FASTEST_SHARE);
  return { ns, from: ns * (1 - WIDTH), to: ns * (1 + WIDTH) };
}

/** Whether a batch ran at full speed: what was read on both sides of it was. */
export function isAtFullSpeed({ before, after }: Speed, { from, to }: FullSpeed): boolean {
  return before >= from && before <= to && after >= from && after <= to;
}
