import type { PollerName } from '../../../pollers/manifest.js';
import type { FileTable, SocketKind } from '../control/messages.js';

/** The fd numbers that a pool of sockets uses: watched ends from `first` on, peers just below the `spare` last ones. */
export interface FdNumbers {
  readonly first: number;
  readonly last: number;
  readonly spare: number;
  /** How many pairs of sockets fit. */
  readonly mostPairs: number;
}

/** `completion`: reads and writes that ride with the wait, where a call can do that. */
export type TurnSeries = 'pollcost' | 'pollcost-again' | 'c-twin' | 'completion';

/** One poller under one set of conditions; its series are measured one after the other on the same fds. */
export interface BatchVisit<C> {
  readonly poller: PollerName;
  readonly conditions: C;
  readonly series: readonly TurnSeries[];
}

/** What one batch of a visit showed. */
export interface BatchSample {
  readonly visit: number;
  readonly series: TurnSeries;
  readonly turns: number;
  /** A pass of the speed sentinel right before and after the batch, in CPU ns. */
  readonly speed: { readonly before: number; readonly after: number };
  readonly metrics: Readonly<Record<string, number>>;
}

/** A subject that holds a pool of sockets and measures batches on it, visit by visit, in rounds. */
export interface BatchProtocol<C> {
  /** Opens the pool, once. Comes behind `start`: a socket that is older than the private file table has two. */
  open: { ask: { socket: SocketKind; size: number }; answer: { opened: number } };
  /**
   * Takes the visits that rounds refer to, warms them up and finds out how many repetitions (turns, cycles, chains,
   * lives) fill a batch of this length, unless another launch has found them.
   */
  prepare: {
    ask: {
      visits: readonly BatchVisit<C>[];
      /** In CPU time, and in wall time where the turns sleep. */
      batchMs: number;
      sleptBatchMs: number;
      repetitions?: readonly number[] | undefined;
    };
    answer: { repetitions: readonly number[] };
  };
  /** Moves to another CPU: one that was made ready beside another subject comes to where it measures. */
  moveTo: { ask: { cpu: number }; answer: object };
  /** Makes the visits in this order, each with its series in the given order. */
  round: {
    ask: { steps: readonly { readonly visit: number; readonly series: readonly TurnSeries[] }[] };
    /** Switches: how often the thread lost its CPU inside the measured batches. */
    answer: { samples: readonly BatchSample[]; involuntarySwitches: number };
  };
}

export interface StartProtocol {
  /** Comes first: pins the thread and makes the file table private where it can. */
  start: { ask: { cpu: number | null }; answer: { fileTable: FileTable } };
}
