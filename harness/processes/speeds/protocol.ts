/** A process that does nothing but run the speed sentinel: its time is the core's speed, and beside another it is the load. */
export interface SpeedsProtocol {
  /** Comes first: pins the thread. */
  start: { ask: { cpu: number | null }; answer: object };
  /** Keeps the core busy for so long, and reads about so often. In ns a pass. */
  read: { ask: { ms: number; everyMs: number }; answer: { readings: readonly number[] } };
}
