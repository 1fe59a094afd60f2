/** Where a loop reads the time. A test may let it jump; it must never go back. */
export interface Clock {
  /** Milliseconds since some fixed moment, with fractions. */
  now(): number;
}

/** CLOCK_MONOTONIC: whoever sets the system's time moves no timer. */
export const monotonicClock: Clock = { now: () => performance.now() };

const MOST_MS = 2 ** 31 - 1;

/**
 * The time left as every poller gets it: whole milliseconds, rounded up so that no timer is early, and no more than an
 * `int` holds. Were fractions passed on, select alone could make use of them.
 */
export const wholeMs = (leftMs: number): number => Math.min(Math.max(0, Math.ceil(leftMs)), MOST_MS);
