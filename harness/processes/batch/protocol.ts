import type { PollerName } from '../../../pollers/manifest.js';
import type { FileTable, SocketKind } from '../control/messages.js';

export type TurnSeries = 'pollcost' | 'pollcost-again' | 'c-twin';

export interface TurnSample {
  readonly visit: number;
  readonly series: TurnSeries;
  readonly turns: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** One poller under one set of conditions, in subjects that hold pairs of sockets and measure on them in rounds. */
export interface PairsVisit<C> {
  readonly poller: PollerName;
  readonly conditions: C;
  readonly series: readonly TurnSeries[];
}

export interface PairsProtocol<C> {
  /** Comes first: pins the thread, makes the file table private where it can, and opens the pairs. */
  start: { ask: { cpu: number | null; socket: SocketKind; pairs: number }; answer: { fileTable: FileTable } };
  /** Takes the visits that rounds refer to and finds out how many repetitions last `batchMs` of CPU time. */
  prepare: {
    ask: { visits: readonly PairsVisit<C>[]; batchMs: number };
    answer: { repetitions: readonly number[] };
  };
  /** Makes the visits in this order, each with its series in the given order. */
  round: {
    ask: { steps: readonly { readonly visit: number; readonly series: readonly TurnSeries[] }[] };
    /** Switches: how often the thread lost its CPU inside the measured batches. */
    answer: { samples: readonly TurnSample[]; involuntarySwitches: number };
  };
}
