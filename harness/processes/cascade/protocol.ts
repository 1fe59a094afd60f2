import type { PollerName } from '../../../pollers/manifest.js';
import type { BatchProtocol, StartProtocol } from '../batch/protocol.js';

/** `active` of the pairs get a byte; whoever reads one passes a byte to the next pair, `writes` times in all. */
export interface ChainConditions {
  readonly pairs: number;
  readonly active: number;
  readonly writes: number;
}

/** CPU and wall time of chains, each from its first byte to its last. */
export interface ChainTimes {
  readonly cpuNs: readonly number[];
  readonly wallNs: readonly number[];
}

/** Of several chains. */
export interface ChainsMade extends ChainTimes {
  readonly turns: number;
  /** System calls of the thread: waits, reads and writes, or what they rode in. */
  readonly syscalls: number;
}

/** Makes chains, one after the other. */
export interface ChainMaker {
  run(count: number): ChainsMade;
}

export interface CascadeProtocol extends StartProtocol, BatchProtocol<ChainConditions> {
  /** Chains as libevent's bench makes them: before each, outside the times, every pair is registered anew. */
  chains: { ask: { poller: PollerName; conditions: ChainConditions; count: number }; answer: ChainTimes };
}
