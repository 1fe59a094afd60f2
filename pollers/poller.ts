/**
 * The seam between an event loop and the system call that it waits with.
 *
 * # Interest and readiness
 * A file descriptor is registered with an *interest*: READ, WRITE or both. `wait` reports *readiness*: the requested
 * bits that are true now, and ERROR as a hint from pollers that can see errors (`capabilities.reportsErrors`). A bit
 * that was not requested is never reported. Whoever is told READ finds data, end of file or an error with the next
 * read; whoever is told WRITE can write, or learns from the write why not. A hang-up is reported as READ, as
 * `select` does it, so that a reader always finds the end of file. Readiness is a statement about the past: another
 * handler may have taken the data meanwhile, so WOULD_BLOCK is normal.
 *
 * There is no interest 0. A paused fd is unregistered: a hung-up one would make poll and epoll return at once for ever.
 *
 * # Time
 * `wait(null)` blocks until something is ready. `wait(t)` with t <= 0 returns at once; any other t is rounded up to
 * whole milliseconds, because poll and epoll know no less and select must not have an advantage there. A signal
 * handler that interrupts the wait makes it return 0; the caller knows its deadline and the poller does not.
 *
 * # The ready set
 * `readyFds` and `readyEvents` are filled by `wait` and reused by the next one. They may be replaced when they grow:
 * read them after each wait, never keep them. Entries 0..n-1 hold until the next wait; register, modify and
 * unregister in between do not change them.
 *
 * # Stale events
 * *Within a batch* the loop drops them: it knows which registration an event was fetched for. *Across waits* the
 * poller does: a file that was closed while a duplicate lives stays inside an epoll instance under its old number.
 *
 * # Closing
 * Unregister an fd before closing it. Whoever forgets gets what the kernel gives: epoll is silent, poll reports ERROR
 * until the fd is unregistered, select fails as a whole, finds the culprit, drops it and reports ERROR once; io_uring keeps
 * the file open until it is unregistered, and reports ERROR as poll does once it has to ask about the fd again.
 *
 * # Errors
 * Misuse throws an error named `PollerError` before any system call; what the kernel refuses throws one named
 * `SyscallError`, with the errno's symbol as its `code`. Both are known by `name` and `code` alone: whoever implements
 * the seam elsewhere makes them of any `Error`.
 *
 * # Nothing more
 * Whatever implements `Poller` runs everywhere; nobody asks for a second interface, or tests a name.
 */

/** Bits of interest and readiness. */
export const READ = 1;
export const WRITE = 2;
/** Readiness only: the fd has an error pending. A hint; the next read or write says which. */
export const ERROR = 4;

/** READ, WRITE or READ | WRITE. */
export type Interest = 1 | 2 | 3;

/**
 * `level`: reported as long as it is true. `edge`: reported when it becomes true, and after each register and modify if it
 * is true then. `oneshot`: reported once, then not again until modify.
 */
export type Trigger = 'level' | 'edge' | 'oneshot';

/** What a poller can do. Each says one thing. Ask this, never its name. */
export interface Capabilities {
  /** The largest fd number that can be registered. */
  readonly maxFd: number;
  readonly trigger: Trigger;
  /** Whether a socket's error is reported as ERROR; without it, only as READ and WRITE. */
  readonly reportsErrors: boolean;
  /** Whether regular files can be registered (they are always ready). */
  readonly watchesRegularFiles: boolean;
  /** Whether `wait` gives up the CPU until something happens. */
  readonly blocks: boolean;
  /** Whether register and modify refuse, with what the kernel says, an fd that cannot be watched; else the wait finds it. */
  readonly refusesAtRegister: boolean;
  /** Whether the poller itself holds an fd as long as it is open. */
  readonly ownsFd: boolean;
  /**
   * Whether each register, modify and unregister reaches the kernel in a system call, its own or the next wait's. The kernel
   * then keeps the set, and forgets an fd that is closed.
   */
  readonly registersBySyscall: boolean;
  /** Whether each wait walks everything that is watched, in the kernel or outside. */
  readonly scansAll: boolean;
}

export interface Poller {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** How many fds are registered. */
  readonly size: number;

  /** @throws PollerError INVALID_FD, INVALID_INTEREST, ALREADY_REGISTERED, FD_TOO_LARGE, CLOSED; SyscallError */
  register(fd: number, interest: Interest): void;
  /** Replaces the interest; adds nothing to it. If the kernel refuses, the fd is no longer registered. */
  modify(fd: number, interest: Interest): void;
  /** Harmless on an fd that was closed meanwhile. @throws PollerError NOT_REGISTERED, CLOSED */
  unregister(fd: number): void;
  /** The interest of a registered fd, else 0. */
  interestOf(fd: number): Interest | 0;

  /** Waits at most `timeoutMs` (null: for ever) and returns how many entries of the ready set are valid. */
  wait(timeoutMs: number | null): number;
  readonly readyFds: Int32Array;
  readonly readyEvents: Uint8Array;
  /** How many slots of the last answer user space looked at: bitmap words for select, fds elsewhere. */
  readonly fdsExamined: number;

  /** Exact bytes of the poller's own buffers in user space. */
  userBytes(): number;
  /** How C makes the same wait on the same memory. Whoever has none gets no net figures and no ledger of the kernel's. */
  readonly native?: NativeWait;
  /** Closes the poller's own fd, if it has one; registered fds stay open. Harmless when repeated. */
  close(): void;
}

/** A wait taken apart: its system call, and the walk over the answer, so that each can be made alone. */
export interface NativeWait {
  /** The system call as the next wait would make it: registrations and growth change it, so ask anew after each. */
  call(): NativeCall;
  /** Fills the ready set from the last answer once more. `answered` is what the call returned. */
  collect(answered: number): number;
  /** Bytes of the poller's memory that the kernel reads or writes in one round over all fds, without a timeout. */
  sharedBytes(): number;
}

/** Addresses are plain numbers, 0 for NULL; bitmaps are `bytes` long each. */
export type NativeCall =
  | {
      readonly call: 'select';
      readonly nfds: number;
      readonly bytes: number;
      readonly readWanted: number;
      readonly writeWanted: number;
      readonly readGot: number;
      readonly writeGot: number;
    }
  | { readonly call: 'poll'; readonly pollfds: number; readonly count: number }
  /** poll(2) on each fd alone, pass after pass. */
  | { readonly call: 'poll-each'; readonly pollfds: number; readonly count: number }
  | {
      readonly call: 'epoll';
      readonly epfd: number;
      readonly events: number;
      readonly room: number;
      /** The bits that registrations carry for their trigger; 0: level. */
      readonly triggerBit: number;
    }
  /** Addresses in the rings; `generations` is a table by fd. What C takes of a ring, the poller finds taken. */
  | {
      readonly call: 'io_uring';
      readonly ring: number;
      readonly sqHead: number;
      readonly sqTail: number;
      readonly sqFlags: number;
      readonly sqMask: number;
      readonly sqes: number;
      readonly cqHead: number;
      readonly cqTail: number;
      readonly cqMask: number;
      readonly cqes: number;
      readonly room: number;
      readonly generations: number;
      /** The flags that it was made with. */
      readonly setup: number;
    };

/** Which system call waits. */
export type WaitCall = NativeCall['call'];

export interface PollerOptions {
  /** Events taken at most per wait, by pollers that are handed them; they choose it themselves unless given. */
  readonly room?: number;
  /**
   * Where several pollers wait for one file, not all of them are to be woken: by those whose call can ask for that, as the
   * `triggerBit` of their `native` then says.
   */
  readonly exclusive?: boolean;
}

/** Makes one poller. What a user's own module exports as its default. */
export type MakePoller = (options?: PollerOptions) => Poller;

export type PollerErrorCode =
  | 'INVALID_FD'
  | 'INVALID_INTEREST'
  | 'ALREADY_REGISTERED'
  | 'NOT_REGISTERED'
  | 'FD_TOO_LARGE'
  | 'CLOSED';

/** Whether it is what the seam calls a misuse, whoever made it. */
export const isPollerError = (error: unknown): error is Error & { readonly code: PollerErrorCode } =>
  error instanceof Error && error.name === 'PollerError';

/** Whether the kernel refused something; `code` is the errno's symbol. */
export const isSyscallError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && error.name === 'SyscallError';

/** A misuse of the seam; thrown before any system call was made. */
export class PollerError extends Error {
  override readonly name = 'PollerError';
  readonly code: PollerErrorCode;
  readonly fd: number;

  constructor(code: PollerErrorCode, fd: number, message: string) {
    super(message);
    this.code = code;
    this.fd = fd;
  }
}
