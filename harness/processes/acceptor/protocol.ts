import type { PollerName } from '../../../pollers/manifest.js';

/** The fd at which an acceptor finds the listener that it shares with others. */
export const SHARED_LISTENER_FD = 4;

/** How processes share a port: one listener in all of them, watched plainly or so that one is woken; or a listener in each. */
export type Sharing = 'level' | 'exclusive' | 'reuseport';

/** What one process did while it waited for connections. */
export interface Accepting {
  readonly accepted: number;
  /** Sleeps that ended without a connection accepted, by the kernel's count of voluntary switches. */
  readonly emptyWakeups: number;
  readonly cpuNs: number;
}

export interface AcceptorProtocol {
  /** Makes a poller and lets it watch the shared listener, or one of its own on this port (0: any that is free). */
  watch: { ask: { poller: PollerName; sharing: Sharing; port: number }; answer: { port: number } };
  /** Waits for connections, and closes each at once, until there is something to hear from the parent. */
  accept: { ask: object; answer: Accepting };
  /** Ends `accept`, which comes before it. */
  stop: { ask: object; answer: object };
  /** Closes the poller, and the listener of its own. */
  unwatch: { ask: object; answer: object };
}
