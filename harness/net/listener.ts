import { SyscallError } from '../../pollers/libc/call.js';
import { close, isOpen, openForReading, WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { accept } from '../../pollers/libc/linux/sockets.js';
import { READ } from '../../pollers/poller.js';
import type { IOLoop } from '../ioloop/ioloop.js';
import type { Timeout } from '../ioloop/timers.js';
import { isNoSocket } from './outcomes.js';

export interface ListenerOptions {
  /** Connections accepted in a row at most, before other fds have their turn. */
  readonly acceptBatch?: number;
  /** How long to leave the queue alone when there is no fd left, not even to turn somebody away. */
  readonly pauseMs?: number;
  /** As libc's: an fd, or WOULD_BLOCK. */
  readonly accept?: (listener: number) => number;
}

const ACCEPT_BATCH = 128;
const PAUSE_MS = 100;

/** It was shut down elsewhere, and will never accept again. */
const SHUT_DOWN = 'EINVAL';
/** The process, or the machine, has no room for another file. */
const NO_ROOM = new Set(['EMFILE', 'ENFILE']);
/** Neither has the kernel for another socket. */
const NO_MEMORY = new Set(['ENOBUFS', 'ENOMEM']);
/** What befell one connection before it was accepted; the next one may be better. accept(2), "Error handling". */
const NEXT = new Set([
  'ECONNABORTED',
  'EPROTO',
  'EPERM',
  'ENETDOWN',
  'ENOPROTOOPT',
  'EHOSTDOWN',
  'ENONET',
  'EHOSTUNREACH',
  'EOPNOTSUPP',
  'ENETUNREACH',
]);

/**
 * Accepts what comes to a listening socket. It keeps one fd in reserve: at the limit of open files the queue would stay
 * ready for ever, so the reserve is given up for a moment, and whoever waits is accepted and closed. A socket that was
 * closed or shut down elsewhere closes the listener, and the loop's error sink gets the reason, once.
 */
export class Listener {
  readonly fd: number;
  /** Connections that were closed at once for want of fds, or because the poller refused them. */
  shed = 0;
  accepted = 0;

  readonly #loop: IOLoop;
  readonly #onConnection: (fd: number) => boolean;
  readonly #batch: number;
  readonly #pauseMs: number;
  readonly #accept: (listener: number) => number;
  readonly #accepts;
  #reserve: number | undefined;
  #pause: Timeout | undefined;
  #isWatched = false;
  #isClosed = false;
  #willGoOn = false;

  /**
   * The fd belongs to the listener from now on. `onConnection` owns what it gets, unless it returns false: then the
   * connection counts as shed, and is closed already.
   */
  constructor(
    loop: IOLoop,
    fd: number,
    onConnection: (fd: number) => boolean,
    options: ListenerOptions = {},
  ) {
    this.fd = fd;
    this.#loop = loop;
    this.#onConnection = onConnection;
    this.#batch = options.acceptBatch ?? ACCEPT_BATCH;
    this.#pauseMs = options.pauseMs ?? PAUSE_MS;
    this.#accept = options.accept ?? accept;
    this.#accepts = loop.counters.syscall('accept4');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it waits for fds to become free. */
  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  /** @throws as `IOLoop.addHandler` */
  start(): void {
    if (this.#isWatched || this.#isClosed) return;
    this.#loop.addHandler(this.fd, this.#acceptBatch, READ);
    this.#isWatched = true;
    this.#reserve ??= openReserve();
  }

  /** Accepts nothing any more, not even the rest of the batch that is running. Harmless when repeated. */
  close(): void {
    if (this.#isClosed) return;
    this.#release();
    if (isOpen(this.fd)) close(this.fd);
  }

  /** All but the socket. */
  #release(): void {
    this.#isClosed = true;
    this.#unwatch();
    if (this.#pause) this.#loop.removeTimeout(this.#pause);
    this.#pause = undefined;
    if (this.#reserve !== undefined) close(this.#reserve);
    this.#reserve = undefined;
  }

  readonly #acceptBatch = (): void => {
    this.#willGoOn = false;
    for (let left = this.#batch; left > 0; left--) {
      if (!this.#isWatched) return;
      const fd = this.#next();
      if (fd === WOULD_BLOCK) return;
      if (fd !== undefined && !this.#onConnection(fd)) this.shed++;
    }
    // The rest would not be reported again.
    if (this.#loop.capabilities.trigger === 'edge') this.#goOnLater();
  };

  #goOnLater(): void {
    if (this.#willGoOn || !this.#isWatched) return;
    this.#willGoOn = true;
    this.#loop.addCallback(this.#acceptBatch);
  }

  /** An fd, WOULD_BLOCK, or undefined: nothing this time. */
  #next(): number | undefined {
    try {
      this.#accepts.count++;
      const fd = this.#accept(this.fd);
      if (fd !== WOULD_BLOCK) this.accepted++;
      return fd;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      if (NEXT.has(error.code)) return undefined;
      if (NO_ROOM.has(error.code)) return this.#turnAway();
      if (NO_MEMORY.has(error.code)) return this.#waitForRoom();
      if (isNoSocket(error)) this.#release();
      else if (error.code === SHUT_DOWN) this.close();
      throw error;
    }
  }

  /** Accepts one connection with the reserve's number and closes it. */
  #turnAway(): number | undefined {
    if (this.#reserve === undefined) return this.#waitForRoom();
    close(this.#reserve);
    this.#reserve = undefined;
    let outcome: number | undefined = WOULD_BLOCK;
    try {
      const fd = this.#accept(this.fd);
      if (fd !== WOULD_BLOCK) {
        close(fd);
        this.shed++;
        outcome = undefined;
      }
    } catch (error) {
      if (!(error instanceof SyscallError && (NO_ROOM.has(error.code) || NEXT.has(error.code)))) throw error;
      outcome = undefined;
    }
    this.#reserve = openReserve();
    return this.#reserve === undefined ? this.#waitForRoom() : outcome;
  }

  #waitForRoom(): typeof WOULD_BLOCK {
    this.#unwatch();
    this.#pause = this.#loop.callLater(this.#pauseMs, () => {
      this.#pause = undefined;
      this.#reserve ??= openReserve();
      if (this.#reserve === undefined) this.#waitForRoom();
      else this.start();
    });
    return WOULD_BLOCK;
  }

  #unwatch(): void {
    if (this.#isWatched) this.#loop.removeHandler(this.fd);
    this.#isWatched = false;
  }
}

/** Any file that needs nothing else; undefined when there is no room. */
function openReserve(): number | undefined {
  try {
    return openForReading('/dev/null');
  } catch (error) {
    if (error instanceof SyscallError && NO_ROOM.has(error.code)) return undefined;
    throw error;
  }
}
