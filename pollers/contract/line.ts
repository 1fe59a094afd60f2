import type { PollerOptions } from '../manifest.js';
import type { Capabilities, Poller, WaitCall } from '../poller.js';
import type { Bench } from './bench.js';

/** What the suite runs over: a poller by name, and how to make one. */
export interface ContractSubject {
  readonly name: string;
  /** `room`: events taken at most per wait, for those that are handed them. */
  create(options?: PollerOptions): Poller;
}

/** What decides whether a line can hold: what the poller says of itself and this machine's limit of fds. Never its name. */
export type Circumstances = Capabilities & {
  /** The call that it waits with, as far as it says. */
  readonly call: WaitCall | null;
  readonly fdLimit: number;
};

/** A line that turned out, while it ran, to ask more than the machine allows. */
export interface Skipped {
  readonly skipped: string;
}

/** One line of the behaviour catalogue, P1 to P45. A skip without a written reason cannot be expressed. */
export interface Line {
  readonly line: number;
  readonly title: string;
  /** The reason why the line cannot hold here, if it cannot. */
  readonly skip?: (given: Circumstances) => string | undefined;
  run(bench: Bench): Skipped | void | Promise<void>;
}
