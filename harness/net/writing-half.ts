import { shutdownWrite } from '../../pollers/libc/linux/sockets.js';
import { type Interest, READ, WRITE } from '../../pollers/poller.js';
import { Outbox, sendNow } from './outbox.js';
import { CLOSED, type Closed, StreamError, WRITTEN, type Written } from './outcomes.js';
import { type CallbackOf, OPEN, StreamLife } from './stream-life.js';

export type WriteCallbackOf<S> = (outcome: Written | Closed, stream: S) => void;

/** What a stream sends: at once if it can, else queued; and the end of its direction. */
export abstract class WritingHalf extends StreamLife {
  /** The peer has ended its direction. */
  protected hasEnded = false;
  #outbox: Outbox<WriteCallbackOf<this>> | undefined;
  #shutdown: 'no' | 'wanted' | 'done' = 'no';
  #onDrain: CallbackOf<this> | undefined;

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#outbox?.size ?? 0;
  }

  /** False from high water until low water. Writing is possible all the same, and makes the queue longer. */
  get writable(): boolean {
    return this.state <= OPEN && this.#shutdown === 'no' && !this.#outbox?.isFull;
  }

  /** Called whenever the stream has become writable again. */
  setDrainCallback(callback: CallbackOf<this>): void {
    this.#onDrain = callback;
  }

  /** Sends the bytes, after those of earlier writes. They may be changed as soon as this returns. @throws StreamError CLOSED, SHUT_DOWN */
  write(bytes: Uint8Array, callback?: WriteCallbackOf<this>): void {
    if (!this.isOpen()) {
      if (callback) this.tellLater(callback, CLOSED);
      return;
    }
    if (this.#shutdown !== 'no') throw new StreamError('SHUT_DOWN', `write after shutdown on fd ${this.fd}`);
    if (this.state === OPEN && this.isSent) {
      this.writeNow(bytes, callback);
    } else {
      this.ensureOutbox().push(bytes, callback);
    }
  }

  /** Ends this direction once everything is sent: the peer reads end of file. Harmless when repeated. @throws StreamError CLOSED */
  shutdown(): void {
    if (!this.isOpen() || this.#shutdown !== 'no') return;
    this.#shutdown = 'wanted';
    if (this.state === OPEN) this.settleWrites();
  }

  protected get isSent(): boolean {
    return this.#outbox === undefined || this.#outbox.isEmpty;
  }

  /** Both directions are over, or one was enough, and nothing waits to be sent. */
  protected get closesNow(): boolean {
    return this.hasEnded && (this.#shutdown === 'done' || !this.settings.allowHalfOpen) && this.isSent;
  }

  protected override tellWriters(): void {
    const outbox = this.#outbox;
    if (!outbox?.hasNews) return;
    for (const { callback, outcome } of outbox.takeFinished()) this.call(callback, outcome);
    if (outbox.takeDrained() && this.#onDrain) this.callWithout(this.#onDrain);
  }

  protected override flush(): void {
    const outbox = this.#outbox as Outbox<WriteCallbackOf<this>>;
    try {
      const stoppedForOthers = outbox.flush(this.fd);
      if (stoppedForOthers && this.perLoop.isEdgeTriggered) this.resumeNextTurn();
    } catch (error) {
      this.failWith(error);
      return;
    }
    if (outbox.hasNews) this.resumeLater();
    this.settleWrites();
  }

  protected override settleWrites(): void {
    if (!this.isSent) return;
    if (this.interest & WRITE) this.setInterest((this.interest & READ) as Interest | 0);
    if (this.#shutdown === 'wanted' && this.state === OPEN) this.shutdownNow();
    if (this.state === OPEN && this.closesNow) this.fail();
  }

  protected override abandon(): void {
    this.#outbox?.abandon();
  }

  private writeNow(bytes: Uint8Array, callback: WriteCallbackOf<this> | undefined): void {
    let sent: number;
    try {
      sent = sendNow(this.perLoop, this.fd, bytes);
    } catch (error) {
      if (callback) this.tellLater(callback, CLOSED);
      this.failWith(error);
      return;
    }
    if (sent < bytes.length) {
      this.ensureOutbox().push(bytes.subarray(sent), callback);
      this.setInterest((this.interest | WRITE) as Interest);
    } else if (callback) {
      this.tellLater(callback, WRITTEN);
    }
  }

  private shutdownNow(): void {
    this.#shutdown = 'done';
    try {
      shutdownWrite(this.fd);
    } catch (error) {
      this.failWith(error);
    }
  }

  private ensureOutbox(): Outbox<WriteCallbackOf<this>> {
    this.#outbox ??= new Outbox(this.perLoop, this.settings);
    return this.#outbox;
  }

  private tellLater(callback: WriteCallbackOf<this>, outcome: Written | Closed): void {
    this.ensureOutbox().finish(callback, outcome);
    this.resumeLater();
  }
}
