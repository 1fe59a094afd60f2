import { WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { type Interest, READ, WRITE } from '../../pollers/poller.js';
import { Inbox, NEVER, NOT_YET } from './inbox.js';
import { CLOSED, type Closed, StreamError } from './outcomes.js';
import { BLOCK_BYTES } from './per-loop.js';
import { type CallbackOf, FAILED, OPEN } from './stream-life.js';
import { type WriteCallbackOf, WritingHalf } from './writing-half.js';

/**
 * Gets the bytes of a read, or CLOSED. The bytes are a view that holds until the callback returns: copy what is kept.
 * Passing them to `write` is fine.
 */
export type ReadCallback = (bytes: Buffer | Closed, stream: IOStream) => void;
export type WriteCallback = WriteCallbackOf<IOStream>;
export type StreamCallback = CallbackOf<IOStream>;

/** Receives in a row at most, before other fds have their turn. */
const MOST_RECEIVES = 32;

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
export class IOStream extends WritingHalf {
  readonly #inbox = new Inbox(this.settings.maxBufferBytes);
  #onRead: ReadCallback | undefined;
  /** Edge-triggered: reading stopped before EAGAIN, and no event will say so again. */
  #mayHaveMore = false;

  /** Whether a read is pending. */
  get reading(): boolean {
    return this.#onRead !== undefined;
  }

  /** Bytes that were received and not read. */
  get bufferedBytes(): number {
    return this.#inbox.size;
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

  protected override get pending(): Interest | 0 {
    return ((this.#onRead ? READ : 0) | (this.isSent ? 0 : WRITE)) as Interest | 0;
  }

  protected override resumeReading(): void {
    if (this.#onRead) this.#complete(this.#inbox.match());
    if (!this.#onRead || this.state !== OPEN || this.willResume) return;
    if (this.hasEnded) this.#endRead();
    else if (this.#mayHaveMore) this.receive();
    else this.setInterest((this.interest | READ) as Interest);
  }

  /** Receives as long as somebody reads and there is something, but not for ever. */
  protected override receive(): void {
    // It goes on in the next turn anyway, and not before.
    if (this.#mayHaveMore && this.willResume) return;
    const { perLoop } = this;
    const { isEdgeTriggered } = perLoop;
    this.#mayHaveMore = false;
    for (let left = MOST_RECEIVES; ; left--) {
      // Nobody reads: what stays ready would be reported again and again. An edge is reported but once.
      if (!this.#onRead) {
        this.#mayHaveMore = isEdgeTriggered;
        if (!isEdgeTriggered && left === MOST_RECEIVES)
          this.setInterest((this.interest & WRITE) as Interest | 0);
        return;
      }
      // What was kept comes first, in the next turn; and others have their turn.
      if (left === 0 || (this.willResume && this.#inbox.mayMatch)) {
        this.#mayHaveMore = isEdgeTriggered;
        if (isEdgeTriggered) this.resumeNextTurn();
        return;
      }
      const room = Math.min(BLOCK_BYTES, this.#inbox.room);
      const count = this.#receiveOnce(room);
      if (count <= 0) return;
      this.#complete(this.#inbox.receive(perLoop.received(count)));
      if (this.state !== OPEN) return;
      // A level trigger reports what comes after a short read; an edge may have stood for the end as well.
      if (count < room && !isEdgeTriggered) return;
    }
  }

  protected override tellReaderClosed(): void {
    if (this.#onRead) this.#deliver(CLOSED);
  }

  protected override abandon(): void {
    this.#inbox.clear();
    super.abandon();
  }

  #assertNotReading(): void {
    this.isOpen();
    if (this.#onRead) throw new StreamError('ALREADY_READING', `a read is pending on fd ${this.fd}`);
  }

  #startReading(callback: ReadCallback): void {
    this.#onRead = callback;
    if (this.#inbox.mayMatch || this.#mayHaveMore || this.hasEnded || this.state === FAILED)
      this.resumeLater();
    else if ((this.interest & READ) === 0 && this.state === OPEN)
      this.setInterest((this.interest | READ) as Interest);
  }

  #receiveOnce(room: number): number {
    try {
      const count = this.perLoop.receive(this.fd, room);
      if (count === 0) this.#end();
      return count;
    } catch (error) {
      this.failWith(error);
      return WOULD_BLOCK;
    }
  }

  #complete(bytes: ReturnType<Inbox['match']>): void {
    if (bytes === NEVER)
      this.fail(new StreamError('UNSATISFIABLE', `fd ${this.fd}: what came cannot complete the read`));
    else if (bytes !== NOT_YET) this.#deliver(bytes);
  }

  #deliver(bytes: Buffer | Closed): void {
    const callback = this.#onRead as ReadCallback;
    this.#onRead = undefined;
    this.call(callback, bytes);
  }

  /** The peer has ended its direction. */
  #end(): void {
    this.hasEnded = true;
    this.setInterest((this.interest & WRITE) as Interest | 0);
    this.#endRead();
  }

  #endRead(): void {
    if (this.#inbox.isUntilClose) this.#deliver(this.#inbox.takeAll());
    else if (!this.closesNow) this.#deliver(CLOSED);
    if (this.closesNow) this.fail();
  }
}
