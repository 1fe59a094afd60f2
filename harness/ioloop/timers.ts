import type { Callback } from './callback-queue.js';

/** Handle of a timer, for `removeTimeout`. The fields belong to the heap that made it. */
export class Timeout {
  readonly deadlineMs: number;
  readonly order: number;
  /** Absent once it has fired or was cancelled. */
  callback: Callback | undefined;
  /** Whether it still takes a place in the heap. */
  queued = true;

  constructor(deadlineMs: number, order: number, callback: Callback) {
    this.deadlineMs = deadlineMs;
    this.order = order;
    this.callback = callback;
  }
}

/** Cancelled entries stay in the heap until they outnumber the others, and are at least so many. */
const LEAST_COMPACTION = 64;

/** Timers in a binary min-heap: by deadline, those with the same deadline in order of arrival. */
export class Timers {
  readonly #heap: Timeout[] = [];
  readonly #due: Timeout[] = [];
  #order = 0;
  #cancelled = 0;

  /** Places taken in the heap, those of cancelled timers included. */
  get places(): number {
    return this.#heap.length;
  }

  /** Timers that are yet to fire. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  add(deadlineMs: number, callback: Callback): Timeout {
    const timeout = new Timeout(deadlineMs, this.#order++, callback);
    const heap = this.#heap;
    heap.push(timeout);
    this.#siftUp(heap.length - 1, timeout);
    return timeout;
  }

  /** Harmless on a timer that has fired or was cancelled. */
  cancel(timeout: Timeout): void {
    if (timeout.callback === undefined) return;
    timeout.callback = undefined;
    // One that is due has left the heap; `runDue` is about to come to it.
    if (!timeout.queued) return;
    this.#cancelled++;
    if (this.#cancelled >= LEAST_COMPACTION && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  /** When the next timer is due, Infinity when there is none. */
  nextDeadlineMs(): number {
    const heap = this.#heap;
    while (heap.length > 0) {
      const first = heap[0] as Timeout;
      if (first.callback !== undefined) return first.deadlineMs;
      this.#cancelled--;
      this.#removeFirst();
    }
    return Number.POSITIVE_INFINITY;
  }

  /**
   * Passes on what is due, and returns whether anything was. All of it is taken first: a timer that one of them adds
   * waits for the next call, even with a deadline in the past.
   */
  runDue(nowMs: number, run: (callback: Callback) => void): boolean {
    const due = this.#due;
    due.length = 0;
    while (this.nextDeadlineMs() <= nowMs) due.push(this.#removeFirst());
    for (const timeout of due) {
      const { callback } = timeout;
      if (callback === undefined) continue;
      timeout.callback = undefined;
      run(callback);
    }
    return due.length > 0;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#due.length = 0;
    this.#cancelled = 0;
  }

  #compact(): void {
    const heap = this.#heap;
    let kept = 0;
    for (const timeout of heap) {
      if (timeout.callback === undefined) timeout.queued = false;
      else heap[kept++] = timeout;
    }
    heap.length = kept;
    this.#cancelled = 0;
    for (let at = (kept >> 1) - 1; at >= 0; at--) this.#siftDown(at, heap[at] as Timeout);
  }

  #removeFirst(): Timeout {
    const heap = this.#heap;
    const first = heap[0] as Timeout;
    const last = heap.pop() as Timeout;
    if (heap.length > 0) this.#siftDown(0, last);
    first.queued = false;
    return first;
  }

  #siftUp(from: number, timeout: Timeout): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Timeout;
      if (!isBefore(timeout, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timeout;
  }

  #siftDown(from: number, timeout: Timeout): void {
    const heap = this.#heap;
    const { length } = heap;
    let at = from;
    for (let below = 2 * at + 1; below < length; below = 2 * at + 1) {
      const right = below + 1;
      if (right < length && isBefore(heap[right] as Timeout, heap[below] as Timeout)) below = right;
      const child = heap[below] as Timeout;
      if (!isBefore(child, timeout)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = timeout;
  }
}

const isBefore = (one: Timeout, other: Timeout): boolean =>
  one.deadlineMs < other.deadlineMs || (one.deadlineMs === other.deadlineMs && one.order < other.order);
