import type { Capabilities, WaitCall } from '../poller.js';
import type { Workbench } from './workbench.js';

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
  run(bench: Workbench): Skipped | void | Promise<void>;
}
