import { declare } from '../call.js';

/** kqueue(2) of macOS and FreeBSD, on 64-bit machines. */

export const EVFILT_READ = -1;
export const EVFILT_WRITE = -2;
export const EV_ADD = 1;
export const EV_DELETE = 2;

/**
 * `struct kevent`: ident (64 bits) at 0, filter (16) at 8, flags (16) at 10, fflags (32) at 12, data (64) at 16, udata (64) at 24;
 * FreeBSD 12 and later have four more words of 64 bits behind them.
 */
export const KEVENT = { ident: 0, filter: 8, flags: 10, data: 16 } as const;
export const KEVENT_BYTES: Readonly<Record<string, number>> = { darwin: 32, freebsd: 64 };

/** `struct timespec`: two 64-bit longs. */
export const TIMESPEC_BYTES = 16;

/** The two system calls; addresses are plain numbers, 0 for NULL. */
export interface KqueueCalls {
  /** The length of a `struct kevent`. */
  readonly eventBytes: number;
  kqueue(): number;
  /** Changes first; then waits, unless there is no room for events. */
  kevent(
    kq: number,
    changes: number,
    changeCount: number,
    events: number,
    room: number,
    timespec: number,
  ): number;
}

/** This system's own, or those of a library that has the same. */
export const kqueueCalls = (from = declare, eventBytes = KEVENT_BYTES[process.platform]): KqueueCalls => {
  if (eventBytes === undefined) throw new Error(`there is no kqueue on ${process.platform}`);
  return {
    eventBytes,
    kqueue: from('int kqueue(void)'),
    kevent: from('int kevent(int, intptr_t, int, intptr_t, int, intptr_t)'),
  };
};
