import { SyscallError } from '../../pollers/libc/call.js';
import { close } from '../../pollers/libc/linux/files.js';
import { connectTo, takeSocketError } from '../../pollers/libc/linux/sockets.js';
import { ERROR, type Interest, isPollerError, isSyscallError, READ, WRITE } from '../../pollers/poller.js';
import type { IOLoop } from '../ioloop/ioloop.js';
import { isNoSocket, StreamError } from './outcomes.js';
import { PerLoop } from './per-loop.js';
import { type StreamOptions, StreamSettings } from './stream-options.js';

const CONNECTING = 0;
export const OPEN = 1;
/** Closed, but its owner has not been told: what it still asks for is answered with CLOSED. */
export const FAILED = 2;
const DONE = 3;

type State = typeof CONNECTING | typeof OPEN | typeof FAILED | typeof DONE;

export type CallbackOf<S> = (stream: S) => void;

/**
 * A stream's fd from connecting to closing: its state, what the poller watches it for, and its turns in the loop.
 *
 * Its methods and those of WritingHalf are `private` without #: each class that has #methods costs every stream a word.
 */
export abstract class StreamLife {
  readonly fd: number;
  protected readonly perLoop: PerLoop;
  protected readonly settings: StreamSettings;
  protected state: State = OPEN;
  protected interest: Interest | 0 = 0;
  protected willResume = false;
  #onConnect: CallbackOf<this> | undefined;
  #onClose: CallbackOf<this> | undefined;
  #error: unknown;

  /** The fd belongs to the stream from now on. Servers make settings once for all. */
  constructor(loop: IOLoop, fd: number, options: StreamOptions | StreamSettings = {}) {
    this.perLoop = PerLoop.of(loop);
    this.fd = fd;
    this.settings = options instanceof StreamSettings ? options : new StreamSettings(options);
  }

  get loop(): IOLoop {
    return this.perLoop.loop;
  }

  /** Why it closed: a SyscallError, a StreamError, what a callback threw or what was passed to `close`; or undefined. */
  get error(): unknown {
    return this.#error;
  }

  get closed(): boolean {
    return this.state >= FAILED;
  }

  /** Called once, after all other callbacks, whoever closed the stream; also when it is closed already. */
  setCloseCallback(callback: CallbackOf<this>): void {
    this.#onClose = callback;
    if (this.closed) this.resumeLater();
  }

  /**
   * Watches the fd now instead of with the first read, and returns whether the poller takes it. If not, the stream is
   * closed and `error` says why.
   */
  watch(): boolean {
    this.setInterest((this.interest | READ) as Interest);
    return !this.closed;
  }

  /**
   * Connects; writes and reads may be issued at once. A connection that is refused closes the stream: the callback is not
   * called, the close callback is. @throws RangeError for an address; StreamError CLOSED, ALREADY_CONNECTED
   */
  connect(host: string, port: number, callback?: CallbackOf<this>): void {
    if (!this.isOpen()) return;
    if (this.state === CONNECTING || this.interest !== 0)
      throw new StreamError('ALREADY_CONNECTED', `the stream on fd ${this.fd} has been connected before`);
    try {
      connectTo(this.fd, host, port);
    } catch (error) {
      this.failWith(error);
      return;
    }
    this.state = CONNECTING;
    this.#onConnect = callback;
    // Made at once or not: a socket that is connected is writable.
    this.setInterest(WRITE);
  }

  /**
   * Closes the fd now; what is queued is lost, and what is unread makes the kernel send a reset. Pending callbacks get
   * CLOSED in the next turn, so the loop must still be open. Harmless when repeated.
   */
  close(error?: unknown): void {
    this.fail(error);
    this.state = DONE;
  }

  /** For the loop's queue of streams; not for others. */
  resume(): void {
    this.willResume = false;
    this.tellWriters();
    if (this.state >= FAILED) {
      // Closed by one of those callbacks: the writes that it cost are told first, in the next turn.
      if (!this.willResume) this.tellClosed();
      return;
    }
    if (this.state === CONNECTING) return;
    // Only what stopped for others is here without an event to come; anything else finds the kernel full, and no harm.
    if (this.perLoop.isEdgeTriggered && this.interest & WRITE) this.flush();
    this.resumeReading();
  }

  readonly #handle = (_fd: number, events: number): void => {
    if (this.state === CONNECTING) {
      this.finishConnecting();
      return;
    }
    if (events & WRITE || (events & ERROR && this.interest === WRITE)) this.flush();
    else if (events === ERROR) this.failIfBroken();
    if (events & READ && this.state === OPEN) this.receive();
  };

  // -- what the halves do

  /** Tells what has become of writes. */
  protected abstract tellWriters(): void;
  protected abstract flush(): void;
  /** If everything is sent: stops waiting for room, and does what was to come after the last byte. */
  protected abstract settleWrites(): void;
  protected abstract resumeReading(): void;
  /** The fd has something to read, or may have. */
  protected abstract receive(): void;
  protected abstract tellReaderClosed(): void;
  /** What to watch for once connected. */
  protected abstract get pending(): Interest | 0;
  /** Nothing that was kept for reads or writes is of use any more. */
  protected abstract abandon(): void;

  // -- for the halves

  /** Whether there is a connection to work with. @throws StreamError CLOSED when its owner knows that there is none */
  protected isOpen(): boolean {
    if (this.state === DONE) throw new StreamError('CLOSED', `the stream on fd ${this.fd} is closed`);
    return this.state !== FAILED;
  }

  /** For what the kernel or the poller refuses. Anything else is a defect, and not the stream's business. */
  protected failWith(error: unknown): void {
    if (!isSyscallError(error) && !isPollerError(error)) throw error;
    this.fail(error);
  }

  protected fail(error?: unknown): void {
    if (this.state >= FAILED) return;
    this.state = FAILED;
    this.#error = error;
    this.abandon();
    if (this.interest !== 0) this.perLoop.loop.removeHandler(this.fd);
    this.interest = 0;
    // Else the number may be another file's by now.
    if (!isNoSocket(error)) this.closeFd();
    this.resumeLater();
  }

  protected setInterest(interest: Interest | 0): void {
    const before = this.interest;
    if (interest === before || this.state >= FAILED) return;
    const { loop } = this.perLoop;
    this.interest = interest;
    try {
      if (interest === 0) loop.removeHandler(this.fd);
      else if (before === 0) loop.addHandler(this.fd, this.#handle, interest);
      else loop.updateHandler(this.fd, interest);
    } catch (error) {
      this.failWith(error);
    }
  }

  protected resumeLater(): void {
    if (this.willResume) return;
    this.willResume = true;
    this.perLoop.resumeLater(this);
  }

  protected resumeNextTurn(): void {
    if (this.willResume) return;
    this.willResume = true;
    this.perLoop.resumeNextTurn(this);
  }

  protected call<T>(callback: (value: T, stream: this) => void, value: T): void {
    try {
      callback(value, this);
    } catch (error) {
      this.closeFor(error);
    }
  }

  protected callWithout(callback: CallbackOf<this>): void {
    try {
      callback(this);
    } catch (error) {
      this.closeFor(error);
    }
  }

  // -- connecting and closing

  private finishConnecting(): void {
    this.failIfBroken();
    if (this.state !== CONNECTING) return;
    this.state = OPEN;
    const { pending } = this;
    this.setInterest(pending);
    if (this.#onConnect) this.callWithout(this.#onConnect);
    this.#onConnect = undefined;
    if (this.state !== OPEN) return;
    if (pending & WRITE) this.flush();
    else this.settleWrites();
  }

  /** With the error that is pending; or with that of asking, when there is nobody to ask. */
  private failIfBroken(): void {
    let errno: number;
    try {
      errno = takeSocketError(this.fd);
    } catch (error) {
      this.failWith(error);
      return;
    }
    const call = this.state === CONNECTING ? 'connect' : 'recv';
    if (errno !== 0) this.fail(new SyscallError(call, errno, this.fd));
  }

  private closeFd(): void {
    try {
      close(this.fd);
    } catch (error) {
      if (!isNoSocket(error)) throw error;
      this.#error ??= error;
    }
  }

  private tellClosed(): void {
    this.tellReaderClosed();
    this.state = DONE;
    const onClose = this.#onClose;
    this.#onClose = undefined;
    if (onClose) this.callWithout(onClose);
  }

  private closeFor(error: unknown): void {
    this.fail(error);
    this.perLoop.report(error);
  }
}
