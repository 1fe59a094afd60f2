import { SyscallError } from '../../pollers/libc/call.js';
import { close, WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { connectTo, shutdownWrite, takeSocketError } from '../../pollers/libc/linux/sockets.js';
import { ERROR, type Interest, isPollerError, isSyscallError, READ, WRITE } from '../../pollers/poller.js';
import type { IOLoop } from '../ioloop/ioloop.js';
import { Inbox, NEVER, NOT_YET } from './inbox.js';
import { Outbox, sendNow } from './outbox.js';
import { CLOSED, type Closed, isNoSocket, StreamError, WRITTEN, type Written } from './outcomes.js';
import { BLOCK_BYTES, PerLoop } from './per-loop.js';
import { type StreamOptions, StreamSettings } from './stream-options.js';

/**
 * Gets the bytes of a read, or CLOSED. The bytes are a view that holds until the callback returns: copy what is kept.
 * Passing them to `write` is fine.
 */
export type ReadCallback = (bytes: Buffer | Closed, stream: IOStream) => void;
export type WriteCallback = (outcome: Written | Closed, stream: IOStream) => void;
export type StreamCallback = (stream: IOStream) => void;

/** Receives in a row at most, before other fds have their turn. */
const MOST_RECEIVES = 32;

const CONNECTING = 0;
const OPEN = 1;
/** Closed, but its owner has not been told: what it still asks for is answered with CLOSED. */
const FAILED = 2;
const DONE = 3;

/**
 * Tornado's IOStream over a non-blocking stream socket: reads until something, queued writes, errors as values. The
 * callbacks get the stream as an argument, so that one function serves all streams.
 *
 * No callback runs on the stack of the call that it belongs to: it is called from a handler or in the next turn. A
 * callback that throws closes its stream with that error, which also goes to the loop's error sink.
 *
 * An fd that was closed elsewhere closes the stream with EBADF as soon as poller or kernel say so.
 *
 * Nothing is read from the kernel while no read is pending, so the peer is slowed down, and its leaving is not noticed.
 */
export class IOStream {
  readonly fd: number;
  readonly #perLoop: PerLoop;
  readonly #settings: StreamSettings;
  readonly #inbox: Inbox;
  #state = OPEN;
  #interest: Interest | 0 = 0;
  #onRead: ReadCallback | undefined;
  /** Edge-triggered: reading stopped before EAGAIN, and no event will say so again. */
  #mayHaveMore = false;
  #hasEnded = false;
  #outbox: Outbox<WriteCallback> | undefined;
  #shutdown: 'no' | 'wanted' | 'done' = 'no';
  #onConnect: StreamCallback | undefined;
  #onDrain: StreamCallback | undefined;
  #onClose: StreamCallback | undefined;
  #error: unknown;
  #willResume = false;

  /** The fd belongs to the stream from now on. Servers make settings once for all. */
  constructor(loop: IOLoop, fd: number, options: StreamOptions | StreamSettings = {}) {
    this.#perLoop = PerLoop.of(loop);
    this.fd = fd;
    this.#settings = options instanceof StreamSettings ? options : new StreamSettings(options);
    this.#inbox = new Inbox(this.#settings.maxBufferBytes);
  }

  get loop(): IOLoop {
    return this.#perLoop.loop;
  }

  /** Why it closed: a SyscallError, a StreamError, what a callback threw or what was passed to `close`; or undefined. */
  get error(): unknown {
    return this.#error;
  }

  get closed(): boolean {
    return this.#state >= FAILED;
  }

  /** Whether a read is pending. */
  get reading(): boolean {
    return this.#onRead !== undefined;
  }

  /** Bytes that were received and not read. */
  get bufferedBytes(): number {
    return this.#inbox.size;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#outbox?.size ?? 0;
  }

  /** False from high water until low water. Writing is possible all the same, and makes the queue longer. */
  get writable(): boolean {
    return this.#state <= OPEN && this.#shutdown === 'no' && !this.#outbox?.isFull;
  }

  /** Called once, after all other callbacks, whoever closed the stream; also when it is closed already. */
  setCloseCallback(callback: StreamCallback): void {
    this.#onClose = callback;
    if (this.closed) this.#resumeLater();
  }

  /** Called whenever the stream has become writable again. */
  setDrainCallback(callback: StreamCallback): void {
    this.#onDrain = callback;
  }

  /**
   * Watches the fd now instead of with the first read, and returns whether the poller takes it. If not, the stream is
   * closed and `error` says why.
   */
  watch(): boolean {
    this.#setInterest((this.#interest | READ) as Interest);
    return !this.closed;
  }

  /**
   * Connects; writes and reads may be issued at once. A connection that is refused closes the stream: the callback is not
   * called, the close callback is. @throws RangeError for an address; StreamError CLOSED, ALREADY_CONNECTED
   */
  connect(host: string, port: number, callback?: StreamCallback): void {
    if (!this.#isOpen()) return;
    if (this.#state === CONNECTING || this.#interest !== 0)
      throw new StreamError('ALREADY_CONNECTED', `the stream on fd ${this.fd} has been connected before`);
    try {
      connectTo(this.fd, host, port);
    } catch (error) {
      this.#failWith(error);
      return;
    }
    this.#state = CONNECTING;
    this.#onConnect = callback;
    // Made at once or not: a socket that is connected is writable.
    this.#setInterest(WRITE);
  }

  /** Reads up to and including the delimiter. @throws StreamError CLOSED, ALREADY_READING; RangeError */
  readUntil(delimiter: Uint8Array, callback: ReadCallback, maxBytes?: number): void {
    this.#assertNotReading();
    this.#inbox.requestUntil(delimiter, maxBytes);
    this.#startReading(callback);
  }

  /** Reads exactly so many bytes. @throws StreamError CLOSED, ALREADY_READING; RangeError above `maxBufferBytes` */
  readBytes(bytes: number, callback: ReadCallback): void {
    this.#assertNotReading();
    this.#inbox.requestBytes(bytes);
    this.#startReading(callback);
  }

  /** Reads what there is, at least one byte. @throws StreamError CLOSED, ALREADY_READING */
  readSome(callback: ReadCallback, maxBytes = Number.POSITIVE_INFINITY): void {
    this.#assertNotReading();
    this.#inbox.requestSome(maxBytes);
    this.#startReading(callback);
  }

  /** Reads everything until the peer ends its direction. @throws StreamError CLOSED, ALREADY_READING */
  readUntilClose(callback: ReadCallback): void {
    this.#assertNotReading();
    this.#inbox.requestUntilClose();
    this.#startReading(callback);
  }

  /** Takes the pending read back; its callback is not called. What has come for it stays. */
  cancelRead(): void {
    this.#onRead = undefined;
  }

  /** Sends the bytes, after those of earlier writes. They may be changed as soon as this returns. @throws StreamError CLOSED, SHUT_DOWN */
  write(bytes: Uint8Array, callback?: WriteCallback): void {
    if (!this.#isOpen()) {
      if (callback) this.#tellLater(callback, CLOSED);
      return;
    }
    if (this.#shutdown !== 'no') throw new StreamError('SHUT_DOWN', `write after shutdown on fd ${this.fd}`);
    if (this.#state === OPEN && (this.#outbox === undefined || this.#outbox.isEmpty)) {
      this.#writeNow(bytes, callback);
    } else {
      this.#ensureOutbox().push(bytes, callback);
    }
  }

  /** Ends this direction once everything is sent: the peer reads end of file. Harmless when repeated. @throws StreamError CLOSED */
  shutdown(): void {
    if (!this.#isOpen() || this.#shutdown !== 'no') return;
    this.#shutdown = 'wanted';
    if (this.#state === OPEN) this.#settleWrites();
  }

  /**
   * Closes the fd now; what is queued is lost, and what is unread makes the kernel send a reset. Pending callbacks get
   * CLOSED in the next turn, so the loop must still be open. Harmless when repeated.
   */
  close(error?: unknown): void {
    this.#fail(error);
    this.#state = DONE;
  }

  /** For the loop's queue of streams; not for others. */
  resume(): void {
    this.#willResume = false;
    const outbox = this.#outbox;
    if (outbox?.hasNews) {
      for (const { callback, outcome } of outbox.takeFinished()) this.#call(callback, outcome);
      if (outbox.takeDrained() && this.#onDrain) this.#callWithout(this.#onDrain);
    }
    if (this.#state >= FAILED) {
      // Closed by one of those callbacks: the writes that it cost are told first, in the next turn.
      if (!this.#willResume) this.#tellClosed();
      return;
    }
    if (this.#state === CONNECTING) return;
    // Only what stopped for others is here without an event to come; anything else finds the kernel full, and no harm.
    if (this.#perLoop.isEdgeTriggered && this.#interest & WRITE) this.#flush();
    this.#resumeReading();
  }

  readonly #handle = (_fd: number, events: number): void => {
    if (this.#state === CONNECTING) {
      this.#finishConnecting();
      return;
    }
    if (events & WRITE || (events & ERROR && this.#interest === WRITE)) this.#flush();
    else if (events === ERROR) this.#failIfBroken();
    if (!(events & READ) || this.#state !== OPEN) return;
    // It goes on in the next turn anyway, and not before.
    if (this.#mayHaveMore && this.#willResume) return;
    this.#receive();
  };

  // -- reading

  #assertNotReading(): void {
    this.#isOpen();
    if (this.#onRead) throw new StreamError('ALREADY_READING', `a read is pending on fd ${this.fd}`);
  }

  #startReading(callback: ReadCallback): void {
    this.#onRead = callback;
    if (this.#inbox.mayMatch || this.#mayHaveMore || this.#hasEnded || this.#state === FAILED)
      this.#resumeLater();
    else if ((this.#interest & READ) === 0 && this.#state === OPEN)
      this.#setInterest((this.#interest | READ) as Interest);
  }

  #resumeReading(): void {
    if (this.#onRead) this.#complete(this.#inbox.match());
    if (!this.#onRead || this.#state !== OPEN || this.#willResume) return;
    if (this.#hasEnded) this.#endRead();
    else if (this.#mayHaveMore) this.#receive();
    else this.#setInterest((this.#interest | READ) as Interest);
  }

  /** Receives as long as somebody reads and there is something, but not for ever. */
  #receive(): void {
    const perLoop = this.#perLoop;
    const { isEdgeTriggered } = perLoop;
    this.#mayHaveMore = false;
    for (let left = MOST_RECEIVES; ; left--) {
      // Nobody reads: what stays ready would be reported again and again. An edge is reported but once.
      if (!this.#onRead) {
        this.#mayHaveMore = isEdgeTriggered;
        if (!isEdgeTriggered && left === MOST_RECEIVES)
          this.#setInterest((this.#interest & WRITE) as Interest | 0);
        return;
      }
      // What was kept comes first, in the next turn; and others have their turn.
      if (left === 0 || (this.#willResume && this.#inbox.mayMatch)) {
        this.#mayHaveMore = isEdgeTriggered;
        if (isEdgeTriggered) this.#resumeNextTurn();
        return;
      }
      const room = Math.min(BLOCK_BYTES, this.#inbox.room);
      const count = this.#receiveOnce(room);
      if (count <= 0) return;
      this.#complete(this.#inbox.receive(perLoop.received(count)));
      if (this.#state !== OPEN) return;
      // A level trigger reports what comes after a short read; an edge may have stood for the end as well.
      if (count < room && !isEdgeTriggered) return;
    }
  }

  #receiveOnce(room: number): number {
    try {
      const count = this.#perLoop.receive(this.fd, room);
      if (count === 0) this.#end();
      return count;
    } catch (error) {
      this.#failWith(error);
      return WOULD_BLOCK;
    }
  }

  #complete(bytes: ReturnType<Inbox['match']>): void {
    if (bytes === NEVER)
      this.#fail(new StreamError('UNSATISFIABLE', `fd ${this.fd}: what came cannot complete the read`));
    else if (bytes !== NOT_YET) this.#deliver(bytes);
  }

  #deliver(bytes: Buffer | Closed): void {
    const callback = this.#onRead as ReadCallback;
    this.#onRead = undefined;
    this.#call(callback, bytes);
  }

  /** The peer has ended its direction. */
  #end(): void {
    this.#hasEnded = true;
    this.#setInterest((this.#interest & WRITE) as Interest | 0);
    this.#endRead();
  }

  #endRead(): void {
    if (this.#inbox.isUntilClose) this.#deliver(this.#inbox.takeAll());
    else if (!this.#closesNow) this.#deliver(CLOSED);
    if (this.#closesNow) this.#fail();
  }

  /** Both directions are over, or one was enough, and nothing waits to be sent. */
  get #closesNow(): boolean {
    return (
      this.#hasEnded &&
      (this.#shutdown === 'done' || !this.#settings.allowHalfOpen) &&
      (this.#outbox === undefined || this.#outbox.isEmpty)
    );
  }

  // -- writing

  #writeNow(bytes: Uint8Array, callback: WriteCallback | undefined): void {
    let sent: number;
    try {
      sent = sendNow(this.#perLoop, this.fd, bytes);
    } catch (error) {
      if (callback) this.#tellLater(callback, CLOSED);
      this.#failWith(error);
      return;
    }
    if (sent < bytes.length) {
      this.#ensureOutbox().push(bytes.subarray(sent), callback);
      this.#setInterest((this.#interest | WRITE) as Interest);
    } else if (callback) {
      this.#tellLater(callback, WRITTEN);
    }
  }

  #flush(): void {
    const outbox = this.#outbox as Outbox<WriteCallback>;
    try {
      const stoppedForOthers = outbox.flush(this.fd);
      if (stoppedForOthers && this.#perLoop.isEdgeTriggered) this.#resumeNextTurn();
    } catch (error) {
      this.#failWith(error);
      return;
    }
    if (outbox.hasNews) this.#resumeLater();
    this.#settleWrites();
  }

  /** If everything is sent: stops waiting for room, and does what was to come after the last byte. */
  #settleWrites(): void {
    if (this.#outbox && !this.#outbox.isEmpty) return;
    if (this.#interest & WRITE) this.#setInterest((this.#interest & READ) as Interest | 0);
    if (this.#shutdown === 'wanted' && this.#state === OPEN) this.#shutdownNow();
    if (this.#state === OPEN && this.#closesNow) this.#fail();
  }

  #shutdownNow(): void {
    this.#shutdown = 'done';
    try {
      shutdownWrite(this.fd);
    } catch (error) {
      this.#failWith(error);
    }
  }

  #ensureOutbox(): Outbox<WriteCallback> {
    this.#outbox ??= new Outbox(this.#perLoop, this.#settings);
    return this.#outbox;
  }

  #tellLater(callback: WriteCallback, outcome: Written | Closed): void {
    this.#ensureOutbox().finish(callback, outcome);
    this.#resumeLater();
  }

  // -- connecting and closing

  #finishConnecting(): void {
    this.#failIfBroken();
    if (this.#state !== CONNECTING) return;
    this.#state = OPEN;
    const queued = this.#outbox !== undefined && !this.#outbox.isEmpty;
    this.#setInterest(((this.#onRead ? READ : 0) | (queued ? WRITE : 0)) as Interest | 0);
    if (this.#onConnect) this.#callWithout(this.#onConnect);
    this.#onConnect = undefined;
    if (this.#state !== OPEN) return;
    if (queued) this.#flush();
    else this.#settleWrites();
  }

  /** With the error that is pending; or with that of asking, when there is nobody to ask. */
  #failIfBroken(): void {
    let errno: number;
    try {
      errno = takeSocketError(this.fd);
    } catch (error) {
      this.#failWith(error);
      return;
    }
    const call = this.#state === CONNECTING ? 'connect' : 'recv';
    if (errno !== 0) this.#fail(new SyscallError(call, errno, this.fd));
  }

  /** Whether there is a connection to work with. @throws StreamError CLOSED when its owner knows that there is none */
  #isOpen(): boolean {
    if (this.#state === DONE) throw new StreamError('CLOSED', `the stream on fd ${this.fd} is closed`);
    return this.#state !== FAILED;
  }

  /** For what the kernel or the poller refuses. Anything else is a defect, and not the stream's business. */
  #failWith(error: unknown): void {
    if (!isSyscallError(error) && !isPollerError(error)) throw error;
    this.#fail(error);
  }

  #fail(error?: unknown): void {
    if (this.#state >= FAILED) return;
    this.#state = FAILED;
    this.#error = error;
    this.#inbox.clear();
    if (this.#interest !== 0) this.#perLoop.loop.removeHandler(this.fd);
    this.#interest = 0;
    // Else the number may be another file's by now.
    if (!isNoSocket(error)) this.#closeFd();
    this.#outbox?.abandon();
    this.#resumeLater();
  }

  #closeFd(): void {
    try {
      close(this.fd);
    } catch (error) {
      if (!isNoSocket(error)) throw error;
      this.#error ??= error;
    }
  }

  #tellClosed(): void {
    if (this.#onRead) this.#deliver(CLOSED);
    this.#state = DONE;
    const onClose = this.#onClose;
    this.#onClose = undefined;
    if (onClose) this.#callWithout(onClose);
  }

  #setInterest(interest: Interest | 0): void {
    const before = this.#interest;
    if (interest === before || this.#state >= FAILED) return;
    const { loop } = this.#perLoop;
    this.#interest = interest;
    try {
      if (interest === 0) loop.removeHandler(this.fd);
      else if (before === 0) loop.addHandler(this.fd, this.#handle, interest);
      else loop.updateHandler(this.fd, interest);
    } catch (error) {
      this.#failWith(error);
    }
  }

  #resumeLater(): void {
    if (this.#willResume) return;
    this.#willResume = true;
    this.#perLoop.resumeLater(this);
  }

  #resumeNextTurn(): void {
    if (this.#willResume) return;
    this.#willResume = true;
    this.#perLoop.resumeNextTurn(this);
  }

  #call<T>(callback: (value: T, stream: IOStream) => void, value: T): void {
    try {
      callback(value, this);
    } catch (error) {
      this.#closeFor(error);
    }
  }

  #callWithout(callback: StreamCallback): void {
    try {
      callback(this);
    } catch (error) {
      this.#closeFor(error);
    }
  }

  #closeFor(error: unknown): void {
    this.#fail(error);
    this.#perLoop.report(error);
  }
}
