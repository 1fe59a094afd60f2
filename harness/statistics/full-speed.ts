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

/** A window is at full speed where so many of its readings are: see docs/sentinel.md. */
export const LEAST_OF_WINDOW = 0.75;

/** What a sentinel read beside a batch, or also during a longer window, in ns a pass. */
export interface Speed {
  readonly before: number;
  readonly during?: readonly number[] | undefined;
  readonly after: number;
}

export const readingsOf = ({ before, during = [], after }: Speed): number[] => [before, ...during, after];

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

/** Whether a batch ran at full speed: what was read on both sides of it was; of a window most of what was read meanwhile. */
export function isAtFullSpeed(speed: Speed, { from, to }: FullSpeed): boolean {
  const readings = readingsOf(speed);
  const reached = readings.filter((ns) => ns >= from && ns <= to).length;
  return speed.during ? reached >= LEAST_OF_WINDOW * readings.length : reached === readings.length;
}
