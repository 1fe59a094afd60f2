import type { PollerName } from '../../../pollers/manifest.js';
import type { Accepting, Sharing } from '../acceptor/protocol.js';

/** A window of connections, one at a time, to so many processes on one port. */
export interface HerdWindow {
  readonly poller: PollerName;
  readonly sharing: Sharing;
  readonly processes: number;
  readonly connections: number;
  /** From the close of one connection to the next. */
  readonly gapUs: number;
}

export interface AcceptHerdProtocol {
  /** Starts as many acceptors as any window has. */
  start: { ask: { processes: number }; answer: { pids: readonly number[] } };
  window: { ask: HerdWindow; answer: { processes: readonly Accepting[] } };
}
