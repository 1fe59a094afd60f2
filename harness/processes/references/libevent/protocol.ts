import type { ChainConditions, ChainTimes } from '../../cascade/protocol.js';
import type { Available } from '../../control/messages.js';

export type LibeventBackend = 'select' | 'poll' | 'epoll';

/** Chains of a cascade on libevent: by a C driver of ours, and by its own benchmark where LIBEVENT_BENCH names one. */
export interface LibeventProtocol {
  /** Comes first: pins the thread, and thereby what it starts, and builds the driver. */
  start: {
    ask: { cpu: number | null };
    answer: { driver: Available<{ readonly compiler: string }>; bench: Available<object> };
  };
  chains: {
    ask: { backend: LibeventBackend; conditions: ChainConditions; count: number };
    answer: ChainTimes;
  };
  /** Whole microseconds of wall time per chain, as libevent's benchmark prints them. */
  bench: {
    ask: { backend: LibeventBackend; conditions: ChainConditions };
    answer: { wallUs: readonly number[] };
  };
}
