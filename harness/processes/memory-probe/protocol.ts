import type { PollerName } from '../../../pollers/manifest.js';
import type { WaitCall } from '../../../pollers/poller.js';

/** A process whose memory in the kernel is read from outside. Any request ends its sleep. */
export interface MemoryProtocol {
  /** Opens so many connections, both ends, once. */
  open: { ask: { size: number }; answer: { opened: number } };
  /** Lets a poller, with room for as many events, watch the fds that end at `highestFd`. */
  watch: {
    ask: { poller: PollerName; watched: number; highestFd: number };
    answer: {
      /** What it waits with, and how many of its bytes the kernel reads or writes; null: nobody knows. */
      native: { readonly call: WaitCall; readonly sharedBytes: number } | null;
      /** Exact bytes of all its buffers. */
      userBytes: number;
    };
  };
  /** After the answer it sleeps until the next request: inside the poller's wait, or in reading the request. */
  sleep: { ask: { inPoller: boolean }; answer: object };
  wake: { ask: object; answer: object };
  unwatch: { ask: object; answer: object };
}
