import { WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { CLOSED, type Closed, WRITTEN, type Written } from './outcomes.js';
import { BLOCK_BYTES, type PerLoop } from './per-loop.js';
import type { StreamSettings } from './stream-options.js';
import { WriteQueue } from './write-queue.js';

/** Sends in a row at most, before other fds have their turn. */
const MOST_SENDS = 32;

interface Finished<C> {
  readonly callback: C;
  readonly outcome: Written | Closed;
}

/** What a stream has to send, and who waits for it. Made with the first write that does not go out at once. */
export class Outbox<C> {
  readonly #perLoop: PerLoop;
  readonly #settings: StreamSettings;
  readonly #queue = new WriteQueue<C>();
  #finished: Finished<C>[] = [];
  #isFull = false;
  #hasDrained = false;

  constructor(perLoop: PerLoop, settings: StreamSettings) {
    this.#perLoop = perLoop;
    this.#settings = settings;
  }

  get size(): number {
    return this.#queue.size;
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  /** Whether it went above high water and not down to low water since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Whether `takeFinished` or `takeDrained` have something. */
  get hasNews(): boolean {
    return this.#finished.length > 0 || this.#hasDrained;
  }

  push(bytes: Uint8Array, callback: C | undefined): void {
    this.#queue.push(bytes, callback);
    if (this.#queue.size > this.#settings.highWaterBytes) this.#isFull = true;
  }

  finish(callback: C, outcome: Written | Closed): void {
    this.#finished.push({ callback, outcome });
  }

  /** Sends until the kernel takes no more or it is others' turn; returns whether it stopped for others. @throws as `send` */
  flush(fd: number): boolean {
    for (let sends = 0; !this.#queue.isEmpty; sends++) {
      if (sends === MOST_SENDS) return true;
      const filled = this.#queue.fill(this.#perLoop.outgoing);
      const sent = filled === 0 ? 0 : this.#perLoop.send(fd, filled);
      if (sent === WOULD_BLOCK) break;
      this.#queue.advance(sent, this.#written);
      if (sent < filled) break;
    }
    if (this.#isFull && this.#queue.size <= this.#settings.lowWaterBytes) {
      this.#isFull = false;
      this.#hasDrained = true;
    }
    return false;
  }

  /** Nothing of the rest will be sent. */
  abandon(): void {
    this.#queue.clear((callback) => this.finish(callback, CLOSED));
    this.#hasDrained = false;
  }

  takeFinished(): readonly Finished<C>[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  takeDrained(): boolean {
    const drained = this.#hasDrained;
    this.#hasDrained = false;
    return drained;
  }

  readonly #written = (callback: C): void => this.finish(callback, WRITTEN);
}

/** Sends without a queue. Returns how many bytes the kernel took. @throws as `send` */
export function sendNow(perLoop: PerLoop, fd: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (length <= BLOCK_BYTES) {
    if (length === 0) return 0;
    perLoop.outgoing.set(bytes);
    return Math.max(0, perLoop.send(fd, length));
  }
  let total = 0;
  for (let sends = 0; total < length && sends < MOST_SENDS; sends++) {
    const part = bytes.subarray(total, total + BLOCK_BYTES);
    perLoop.outgoing.set(part);
    const sent = perLoop.send(fd, part.length);
    if (sent > 0) total += sent;
    if (sent < part.length) break;
  }
  return total;
}
