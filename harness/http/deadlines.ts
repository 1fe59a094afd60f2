import type { IOLoop } from '../ioloop/ioloop.js';
import type { Timeout } from '../ioloop/timers.js';

export interface Mortal {
  /** On the loop's clock; Infinity for none. Belongs to `Deadlines`. */
  deadlineMs: number;
  /** Called when it is over; there is none until another one is set. */
  expire(nowMs: number): void;
}

/**
 * Deadlines of many connections with one timer, which stands at the nearest of them: to put one off, as every request
 * does, is to write a number. They are late by up to `granularityMs`, so that many that are near need few wake-ups.
 */
export class Deadlines {
  readonly #loop: IOLoop;
  readonly #granularityMs: number;
  readonly #all = new Set<Mortal>();
  #timer: Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(loop: IOLoop, granularityMs: number) {
    this.#loop = loop;
    this.#granularityMs = granularityMs;
  }

  get size(): number {
    return this.#all.size;
  }

  add(mortal: Mortal): void {
    this.#all.add(mortal);
  }

  set(mortal: Mortal, deadlineMs: number): void {
    mortal.deadlineMs = deadlineMs;
    if (deadlineMs < this.#timerMs) this.#wakeAt(deadlineMs);
  }

  /** Without anybody left there is no timer left either. */
  delete(mortal: Mortal): void {
    this.#all.delete(mortal);
    if (this.#all.size === 0) this.#cancel();
  }

  #wakeAt(deadlineMs: number): void {
    const atMs = Math.max(deadlineMs, this.#sweptMs + this.#granularityMs);
    if (atMs >= this.#timerMs) return;
    this.#cancel();
    this.#timerMs = atMs;
    this.#timer = this.#loop.callAt(atMs, this.#sweep);
  }

  #cancel(): void {
    if (this.#timer) this.#loop.removeTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  readonly #sweep = (): void => {
    const nowMs = this.#loop.time();
    this.#timer = undefined;
    this.#timerMs = Number.POSITIVE_INFINITY;
    this.#sweptMs = nowMs;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const mortal of this.#all) {
      if (mortal.deadlineMs <= nowMs) {
        mortal.deadlineMs = Number.POSITIVE_INFINITY;
        mortal.expire(nowMs);
      }
      nextMs = Math.min(nextMs, mortal.deadlineMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#wakeAt(nextMs);
  };
}
