import { writeSync } from 'node:fs';
import type { Callback } from './callback-queue.js';

export type LoopErrorCode = 'CLOSED' | 'RUNNING' | 'OTHER_TRIGGER';

/** A misuse of the loop: it is closed, it is running and must not be, or it was made for another trigger. */
export class LoopError extends Error {
  override readonly name = 'LoopError';
  readonly code: LoopErrorCode;

  constructor(code: LoopErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What something that the loop called has thrown. `count`: how often this fd's handler has thrown since its last report. */
export type ErrorReport =
  | { readonly source: 'handler'; readonly fd: number; readonly error: unknown; readonly count: number }
  | { readonly source: 'callback' | 'timer'; readonly error: unknown };

/** Takes reports. If it throws itself, it ends `start()`, and the handlers that were left of the turn are dropped. */
export type ErrorSink = (report: ErrorReport) => void;

/** The default sink: each report with its stack on stderr. */
export function reportToStderr(report: ErrorReport): void {
  const who = report.source === 'handler' ? handlerOf(report) : report.source;
  const { error } = report;
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logToStderr(`ioloop: error in ${who}: ${what}`);
}

/** Prints a line at once: Node's own stream would keep what a full pipe does not take until Node's loop runs. */
export function logToStderr(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nobody reads there, or not fast enough, or its disk is full: whatever it is, a line for the log is not worth the loop.
  }
}

const handlerOf = ({ fd, count }: { fd: number; count: number }): string =>
  `handler of fd ${fd}${count > 1 ? ` (${count} times since the last report)` : ''}`;

export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

interface Repeated {
  error: unknown;
  count: number;
}

const QUIET_MS = 1000;

/** Errors of handlers, those of the same fd reported at most once a second, and none of them lost. */
export class HandlerErrors {
  readonly #sink: ErrorSink;
  readonly #callLater: (delayMs: number, callback: Callback) => void;
  readonly #quiet = new Map<number, Repeated>();

  constructor(sink: ErrorSink, callLater: (delayMs: number, callback: Callback) => void) {
    this.#sink = sink;
    this.#callLater = callLater;
  }

  add(fd: number, error: unknown): void {
    const repeated = this.#quiet.get(fd);
    if (repeated) {
      repeated.error = error;
      repeated.count++;
      return;
    }
    const fresh = { error: undefined, count: 0 };
    this.#quiet.set(fd, fresh);
    this.#keepQuiet(fd, fresh);
    this.#sink({ source: 'handler', fd, error, count: 1 });
  }

  /** Reports at once what is held back. */
  flush(): void {
    for (const [fd, { error, count }] of this.#quiet) {
      if (count > 0) this.#sink({ source: 'handler', fd, error, count });
    }
    this.#quiet.clear();
  }

  #keepQuiet(fd: number, repeated: Repeated): void {
    this.#callLater(QUIET_MS, () => {
      const { error, count } = repeated;
      if (count === 0) {
        this.#quiet.delete(fd);
        return;
      }
      repeated.error = undefined;
      repeated.count = 0;
      this.#keepQuiet(fd, repeated);
      this.#sink({ source: 'handler', fd, error, count });
    });
  }
}
