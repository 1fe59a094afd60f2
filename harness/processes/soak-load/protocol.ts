import type { PollerName } from '../../../pollers/manifest.js';
import type { AppName } from '../server/protocol.js';

/** What the clients of a soak have done so far, and what they found wrong. */
export interface SoakReport {
  readonly connections: number;
  readonly requests: number;
  /** Bytes of answers, each compared with what had to come. */
  readonly bytesChecked: number;
  readonly resets: number;
  readonly halfCloses: number;
  readonly slowReaders: number;
  readonly slowWriters: number;
  readonly errors: number;
  /** What the first few errors were. */
  readonly reasons: readonly string[];
}

/** Clients of all tempers, polite and rude, that check every byte of what a server answers. */
export interface SoakProtocol {
  /** Comes first. Answers how many connections the poller has room for, at most so many, and whether it ever sleeps. */
  start: {
    ask: {
      host: string;
      port: number;
      poller: PollerName;
      app: AppName;
      connections: number;
      seed: number;
    };
    answer: { connections: number; blocks: boolean };
  };
  /**
   * Lets them come, go, ask and answer for so long, and then finish what they are at. Afterwards all stand still: open,
   * and some with answers that they do not read.
   */
  storm: { ask: { ms: number }; answer: SoakReport };
  /** Lets each of them read what is left and leave in its own way. */
  leave: { ask: object; answer: SoakReport };
}
