/** When, by the monotonic clock, and what a pass took then. */
export interface SpeedReading {
  readonly atNs: number;
  readonly ns: number;
}

/**
 * A process that runs the speed sentinel: its time is the core's speed. It reads without a pause, and is then the load for a
 * neighbour, or now and then beside what is measured on its CPU. In ns a pass.
 */
export interface SpeedsProtocol {
  /**
   * Comes first: pins the thread. `first`: lets it run before others on its CPU, what is measured there too; `ranked` says whether
   * that was allowed.
   */
  start: { ask: { cpu: number | null; first?: boolean }; answer: { ranked: boolean } };
  /** Keeps the core busy for so long, and reads about so often. */
  read: { ask: { ms: number; everyMs: number }; answer: { readings: readonly number[] } };
  /** Reads now and about so often, asleep in between, until `take` does and answers with all of it. */
  begin: { ask: { everyMs: number }; answer: object };
  take: { ask: object; answer: { readings: readonly SpeedReading[] } };
}
