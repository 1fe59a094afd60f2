import type { PollerName } from '../../../pollers/names.js';
import type { Trigger, WaitCall } from '../../../pollers/poller.js';

export type { WaitCall };

/**
 * What the harness and its child processes say to each other over fd 3: one JSON object per line,
 * request `{id, do, ...ask}`, reply `{id, ok: true, ...answer}` or `{id, ok: false, error}`.
 */

export type Protocol<P> = { [K in keyof P]: { ask: object; answer: object } };

/** The fd on which a child hears from its parent. */
export const CONTROL_FD = 3;

export type FileTable = 'private' | 'shared';
export type SocketKind = 'tcp' | 'unix' | 'eventfd';

/** Present with its figures, or absent for a reason. */
export type Available<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: string };

export interface PollerFacts {
  readonly maxFd: number;
  readonly blocks: boolean;
  readonly trigger: Trigger;
  /** Whether every turn looks at every registered fd, in the kernel or outside. */
  readonly scansAll: boolean;
  /** What it waits with, as C can make it on the same memory; null: nobody knows. */
  readonly call: WaitCall | null;
}

/** The fd numbers that a pool of sockets uses: watched ends from `first` on, peers just below the `spare` last ones. */
export interface FdNumbers {
  readonly first: number;
  readonly last: number;
  readonly spare: number;
  /** How many pairs of sockets fit. */
  readonly mostPairs: number;
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
  readonly realTime: Available<object>;
  readonly twin: Available<{ readonly compiler: string }>;
  readonly pollers: Readonly<Partial<Record<PollerName, PollerFacts>>>;
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

export type TurnSeries = 'pollcost' | 'pollcost-again' | 'c-twin';

/** One poller under one set of conditions; its series are measured back to back on the same fds. */
export interface TurnVisit {
  readonly poller: PollerName;
  readonly conditions: TurnConditions;
  readonly series: readonly TurnSeries[];
}

export interface TurnSample {
  readonly visit: number;
  readonly series: TurnSeries;
  readonly turns: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface ProbeProtocol {
  /** Comes first: pins the thread, unshares the file table, compiles the C twin. */
  start: { ask: { cpu: number | null; fileTable: FileTable; twin: boolean }; answer: ProbeFacts };
  /** Opens the pool of sockets, once. */
  open: { ask: { socket: SocketKind; size: number }; answer: { opened: number } };
  /** Listens for a waker, which `acceptWaker` then takes. */
  listenForWaker: { ask: object; answer: { port: number } };
  acceptWaker: { ask: object; answer: object };
  /**
   * Takes the visits that rounds refer to, warms them up and finds out how many turns fill a batch, unless another probe
   * has found `turns` for them.
   */
  prepare: {
    ask: {
      visits: readonly TurnVisit[];
      batchMs: number;
      sleptBatchMs: number;
      turns?: readonly number[] | undefined;
    };
    answer: { turns: readonly number[] };
  };
  /** Makes the visits in this order, each with its series in the given order. */
  round: {
    ask: { steps: readonly { readonly visit: number; readonly series: readonly TurnSeries[] }[] };
    /** Switches: how often the thread lost its CPU inside the measured batches. */
    answer: { samples: readonly TurnSample[]; involuntarySwitches: number };
  };
  /** Registers an fd at a number (null: a regular file at any number) and looks whether it is reported. */
  limit: {
    ask: { poller: PollerName; fd: number | null };
    answer: { accepted: boolean; reported: boolean; detail: string };
  };
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

export const APPS = {
  fixed: 'answers each request, whatever ends in an empty line, with the same bytes: the thinnest server',
  echo: 'sends back what it receives',
  http: 'a whole HTTP/1.1 server that answers every request with the same reply',
} as const;

export type AppName = keyof typeof APPS;

/** What a server's loop and process have done since they started. Plain numbers. */
export interface ServerSnapshot {
  readonly turns: number;
  /** Turns that were allowed to sleep, and those that did. */
  readonly blockingTurns: number;
  readonly sleptTurns: number;
  readonly events: number;
  readonly fdsExamined: number;
  readonly syscalls: Readonly<Record<string, number>>;
  /** Connections that were accepted, and how many of them were turned away for want of room. */
  readonly accepted: number;
  readonly shed: number;
  /** When this was said, on the monotonic clock. */
  readonly atNs: number;
  /** CPU time of the loop's thread, and how long it could have run and another one had the CPU; exact, as it runs. */
  readonly cpuNs: number;
  readonly runQueueWaitNs: number;
}

/** A server under measurement. It ends when its parent hangs up. */
export interface ServerProtocol {
  /**
   * Comes first. To a reference server in Node `poller` and `fileTable` mean nothing: it waits with epoll, and its threads
   * share their file table.
   */
  start: {
    ask: {
      poller: PollerName;
      app: AppName;
      host: string;
      port: number;
      cpu: number | null;
      fileTable: FileTable;
      /** How many processes serve the port, 0: one for each CPU. One unless given; others only on our own loop. */
      processes?: number;
    };
    /** Comes when all of them accept. */
    answer: { port: number };
  };
  /** Reference servers refuse. */
  snapshot: { ask: object; answer: ServerSnapshot };
  /**
   * Moves every live connection to another poller of the same trigger; refused, with nothing changed, where one does not
   * fit. Only our own server does that.
   */
  use: { ask: { poller: PollerName }; answer: object };
}

/** When the beats of a herd come: all together, one after the other, or at random times; at the same mean rate. */
export type Phase = 'storm' | 'spread' | 'poisson';

/** Microseconds from the intended time of a request to the last byte of its answer. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What became of the beats of one window. */
export interface BeatReport {
  /** Beats whose time came within the window. */
  readonly intended: number;
  readonly answered: number;
  /** Unanswered within the deadline, answered with other bytes than expected, or on a connection that was lost. */
  readonly unanswered: number;
  readonly wrong: number;
  readonly lost: number;
  /** Share of the beats that left more than 1 ms after their time; in a storm, after the one before them. */
  readonly lateBeats: number;
  readonly latencyUs: Latency;
  /** CPU time of the herd's process in the window, and the window's length. */
  readonly cpuNs: number;
  readonly seconds: number;
}

/** Connections that are held open and say something now and then, in open loop. */
export interface HerdProtocol {
  /** Adds connections; the first call comes first and decides the app and the server. */
  connect: {
    ask: {
      host: string;
      port: number;
      connections: number;
      app: AppName;
      cpu: number | null;
      /** On loopback: this many from 127.0.0.1, as many from 127.0.0.2 and so on; there is a fitting default. */
      perSource?: number;
    };
    /** All that are held, user memory of this process for each of them, and how long the new ones took. */
    answer: { connected: number; seconds: number; bytesPerConnection: number };
  };
  /**
   * Lets the first `connections` of them beat; the same seed gives the same beats. Answers when the window is over. With
   * `subject`, the main thread of that process runs before others on its CPU until then, where that is allowed: what others
   * there do is no part of its latency.
   */
  beat: {
    ask: {
      connections: number;
      ratePerSecond: number;
      phase: Phase;
      seed: number;
      ms: number;
      subject?: number;
    };
    answer: BeatReport;
  };
}

/** autocannon with few connections in closed loop; each run opens its own. */
export interface ActiveProtocol {
  /**
   * Requests are all that were answered, so that a server's CPU around the run can be divided by them; latencies leave
   * out each connection's first, which waits for the connection. The first run of a process also compiles: discard it.
   */
  run: {
    ask: { host: string; port: number; connections: number; ms: number; cpu: number | null };
    answer: { requests: number; errors: number; seconds: number; latencyUs: Latency; cpuNs: number };
  };
}

/** Connections that each send their next request when the last one was answered. */
export interface ClosedLoopProtocol {
  /** Comes first: connects, one after the other, holds the connections, and learns from one answer how long they are. */
  connect: {
    ask: { port: number; connections: number; cpu: number | null };
    answer: { connected: number; seconds: number };
  };
  /** Lets the connections ask for so long; counts the answers, also those that come a little later. */
  run: { ask: { ms: number }; answer: { requests: number; ms: number } };
  /** Adds timers that are due in an hour, and eventfds that nobody writes to. */
  idle: { ask: { timers: number; fds: number }; answer: object };
  /** How long the loop takes for so many callbacks, each of which adds the next. */
  callbacks: { ask: { count: number }; answer: { ns: number } };
}

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

/** What a probe writes to its waker: this many bytes, one by one, this far apart. Two little-endian 32-bit words. */
export const WAKE_ORDER_BYTES = 8;

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
  /** As the turn probe's. */
  round: ProbeProtocol['round'];
}

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

export interface CascadeProtocol extends PairsProtocol<ChainConditions> {
  /** Chains as libevent's bench makes them: before each, outside the times, every pair is registered anew. */
  chains: { ask: { poller: PollerName; conditions: ChainConditions; count: number }; answer: ChainTimes };
}

/** `watched` other fds are registered while one comes and goes. */
export interface ChurnConditions {
  readonly watched: number;
}

export type ChurnProtocol = PairsProtocol<ChurnConditions>;

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
