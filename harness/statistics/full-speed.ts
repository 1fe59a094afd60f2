import { quantile } from './median.js';

/**
 * A shared core has several speeds, and runs at one of them for 10 to 1 000 ms (docs/sentinel.md). Full speed is the
 * fastest that a run sees often enough to measure at: the fastest twentieth of all readings of the sentinel, and what lies
 * nearer to it than half-way to the speed beside a busy neighbour. What is faster still for a moment, a turbo, is another
 * speed, and nothing is measured at it.
 */

const FASTEST_SHARE = 0.05;
const FASTER = 0.1;
/** Beside a neighbour a reading is 1.6 times the fastest and more; this is half-way there, by ratio. */
const SLOWER = 0.3;
/** A neighbour that comes and goes within a batch shows in the readings beside so many batches to either side: */
const AROUND = 5;
/** the speed changes more often than this. The ends of a stretch are two changes, and so is one interrupt. */
const MOST_CHANGES_AROUND = 4;
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

/** The other way round: of readings one after the other; null for fewer than two. */
export function speedOf(readings: readonly number[]): Speed | null {
  const [before, ...during] = readings;
  const after = during.pop();
  return before === undefined || after === undefined ? null : { before, during, after };
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
  return { ns, from: ns * (1 - FASTER), to: ns * (1 + SLOWER) };
}

/**
 * Which batches of one round ran at full speed, given what was read beside each in the order in which they were made: on both
 * sides of it, where the speed did not come and go beside the batches around it. Of a window most of what was read
 * meanwhile decides. What nothing was read beside is taken as it is.
 */
export function areAtFullSpeed(speeds: readonly (Speed | undefined)[], { from, to }: FullSpeed): boolean[] {
  const isSlow = (ns: number) => ns < from || ns > to;
  const slow = speeds.map((speed) => (speed === undefined ? [] : readingsOf(speed).map(isSlow)));
  return speeds.map((speed, at) => {
    const own = slow[at] as boolean[];
    if (speed?.during) return own.filter((is) => is).length <= (1 - LEAST_OF_WINDOW) * own.length;
    if (own.includes(true)) return false;
    const around = slow.slice(Math.max(0, at - AROUND), at + AROUND + 1).flat();
    return around.filter((is, place) => place > 0 && is !== around[place - 1]).length <= MOST_CHANGES_AROUND;
  });
}
