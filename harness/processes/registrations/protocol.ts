import type { PollerName } from '../../../pollers/manifest.js';

/** What a poller has gone through, and what was left of it. */
export interface Endured {
  /** Each of them was cancelled again. */
  readonly registrations: number;
  readonly seconds: number;
  /** Resident memory since it had come to rest. */
  readonly grownBytes: number;
  readonly broken: readonly string[];
}

export interface RegistrationsProtocol {
  endure: { ask: { poller: PollerName; count: number }; answer: Endured };
}
