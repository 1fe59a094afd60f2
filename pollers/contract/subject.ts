import type { Poller, PollerOptions } from '../poller.js';

/** What the suite runs over: a poller by name, and how to make one. */
export interface ContractSubject {
  readonly name: string;
  /** `room`: events taken at most per wait, for those that are handed them. */
  create(options?: PollerOptions): Poller;
  /** As on systems that have no eventfd. */
  readonly withoutEventfd?: boolean;
}
