import type { PollerName } from '../../../pollers/manifest.js';
import type { FileTable } from '../control/messages.js';

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

/** What one of several pollers spent in its turns of a way there and back. */
export interface TurnsOfPoller {
  readonly cpuNs: number;
  /** How long it had its turns. */
  readonly ns: number;
  readonly turns: number;
  readonly sleptTurns: number;
  /** Calls of handlers: where each connection waits for an answer before it asks again, requests. */
  readonly events: number;
}

/** Each of several pollers in turn, there and back. */
export interface Way {
  /** By the monotonic clock. */
  readonly fromNs: number;
  readonly toNs: number;
  readonly spent: readonly TurnsOfPoller[];
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
  /** As `use`, with one after the other for so long each, there and back, until `endTurns`; one may be named twice. */
  takeTurns: { ask: { pollers: readonly PollerName[]; ms: number }; answer: object };
  endTurns: { ask: object; answer: { ways: readonly Way[] } };
}
