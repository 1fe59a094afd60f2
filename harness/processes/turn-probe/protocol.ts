import type { PollerName } from '../../../pollers/manifest.js';
import type { Trigger, WaitCall } from '../../../pollers/poller.js';
import type { BatchProtocol, FdNumbers } from '../batch/protocol.js';
import type { Available, FileTable } from '../control/messages.js';

export type { WaitCall };

export interface PollerFacts {
  readonly maxFd: number;
  readonly blocks: boolean;
  readonly trigger: Trigger;
  /** Whether every turn looks at every registered fd, in the kernel or outside. */
  readonly scansAll: boolean;
  /** What it waits with, as C can make it on the same memory; null: nobody knows. */
  readonly call: WaitCall | null;
  /** Whether it can ask that, of several pollers that wait for one file, not all are woken. */
  readonly isExclusive?: boolean;
}

/** What a turn probe found out about the place where it runs. */
export interface ProbeFacts {
  readonly koffi: string;
  readonly fdLimit: { readonly soft: number; readonly hard: number };
  readonly numbers: FdNumbers;
  readonly fileTable: FileTable;
  readonly unshare: Available<object>;
  readonly pinned: Available<{ readonly cpu: number }>;
  /** Whether threads may be let run before others on their CPU. */
  readonly realtime: Available<object>;
  /** Whether a process may have nice -20. */
  readonly highestNice: Available<object>;
  /** Whether threads of ordinary rank may ask for short slices of their CPU. */
  readonly shortSlices: Available<object>;
  /** Whether a connection to 127.0.0.1 is made. */
  readonly loopback: Available<object>;
  /** Without it there is no app http. */
  readonly webAssembly: Available<object>;
  readonly twin: Available<{ readonly compiler: string }>;
  readonly pollers: Readonly<Partial<Record<PollerName, PollerFacts>>>;
  /** Those that cannot be used here, each with its reason. */
  readonly refused: Readonly<Record<PollerName, string>>;
}

/**
 * The conditions under which the probe makes turns; the names are those of the design's factors. What is absent is as
 * in `USUAL_CONDITIONS`.
 */
export interface TurnConditions {
  readonly watched: number;
  /** The number of the last watched fd; absent: the first `watched` sockets of the pool are watched. */
  readonly highestFd?: number;
  readonly ready: number;
  /** Where the ready fds are among the watched ones; for a rotating active set, where they are at first. */
  readonly position: 'none' | 'first' | 'last' | 'even';
  readonly timeout: 'zero' | 'finite' | 'infinite' | 'slept';
  readonly wakesPerSecond: number;
  readonly fileTable: FileTable;
  /** `cold`: everything was taken out of the caches before each turn. */
  readonly temperature?: 'hot' | 'cold';
  /** Whether readiness is left standing, or arrives for each turn and is read after it. */
  readonly life?: 'standing' | 'consumed-same' | 'consumed-rotating';
  /** How many registrations are replaced within 100 turns. */
  readonly churnPer100?: number;
  /** `fresh`: the poller is made, filled and closed within each turn. */
  readonly instance?: 'kept' | 'fresh';
}

export const USUAL_CONDITIONS = {
  temperature: 'hot',
  life: 'standing',
  churnPer100: 0,
  instance: 'kept',
} as const satisfies Partial<TurnConditions>;

/** A rare wake-up is waited for so often all the same, and a frequent one no more often than this. */
const LEAST_WAKES = 4;
const MOST_WAKES = 120;

/** How often a batch of turns that sleep is woken. */
export const wakesIn = (batchMs: number, wakesPerSecond: number): number =>
  Math.min(MOST_WAKES, Math.max(LEAST_WAKES, Math.round((wakesPerSecond * batchMs) / 1000)));

export interface LimitAnswer {
  /** register did not throw */
  accepted: boolean;
  /** the next wait reported the fd as readable, which it was */
  reported: boolean;
  /** what register said, where it threw */
  detail: string;
  /** the kernel's answer to register by its number, 0 where it took the fd; null where the poller refused it unasked */
  errno: number | null;
}

export interface ProbeProtocol extends BatchProtocol<TurnConditions> {
  /** Comes first: pins the thread, unshares the file table, compiles the C twin. */
  start: { ask: { cpu: number | null; fileTable: FileTable; twin: boolean }; answer: ProbeFacts };
  /** Listens for a pinger, which `acceptPinger` then takes. */
  listenForPinger: { ask: object; answer: { port: number } };
  acceptPinger: { ask: object; answer: object };
  /** Registers an fd at a number (null: a regular file at any number) and looks whether it is reported. */
  limit: {
    ask: { poller: PollerName; fd: number | null };
    answer: LimitAnswer;
  };
  /** Waits for nothing, so that its sleep can be looked at from outside. */
  sleep: { ask: { poller: PollerName; ms: number }; answer: object };
  /** Bytes on the heap before and after so many turns with one of `watched` fds ready. */
  heapGrowth: {
    ask: { poller: PollerName; watched: number; turns: number };
    answer: { before: number; after: number };
  };
  /** Exact bytes of a poller's own buffers once it watches so many fds. */
  userBytes: { ask: { poller: PollerName; watched: number }; answer: { bytes: number } };
  /** What one register and one unregister cost while `count` fds come and go. */
  registrationNs: { ask: { poller: PollerName; count: number }; answer: { ns: number } };
}
