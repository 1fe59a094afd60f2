import type { Callback } from './callback-queue.js';
import type { IOLoop } from './ioloop.js';
import type { Timeout } from './timers.js';

/**
 * Calls back every `periodMs`, for the first time one period after `start`. The beats keep their phase: if the callback
 * takes longer than the period, or the loop is late, the beats that were missed are left out.
 */
export class PeriodicCallback {
  readonly #loop: IOLoop;
  readonly #periodMs: number;
  readonly #callback: Callback;
  #nextMs = 0;
  #timeout: Timeout | undefined;

  /** @throws RangeError unless the period is positive and finite */
  constructor(loop: IOLoop, periodMs: number, callback: Callback) {
    if (!(periodMs > 0 && periodMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a period of ${periodMs} ms is not positive and finite`);
    }
    this.#loop = loop;
    this.#periodMs = periodMs;
    this.#callback = callback;
  }

  get isRunning(): boolean {
    return this.#timeout !== undefined;
  }

  /** Harmless when it is running. */
  start(): void {
    if (this.#timeout) return;
    this.#nextMs = this.#loop.time();
    this.#schedule();
  }

  /** Harmless when it is not running. */
  stop(): void {
    if (!this.#timeout) return;
    this.#loop.removeTimeout(this.#timeout);
    this.#timeout = undefined;
  }

  #schedule(): void {
    const missed = Math.floor((this.#loop.time() - this.#nextMs) / this.#periodMs);
    this.#nextMs += (missed + 1) * this.#periodMs;
    this.#timeout = this.#loop.callAt(this.#nextMs, this.#beat);
  }

  readonly #beat = (): void => {
    const beat = this.#timeout;
    try {
      this.#callback();
    } finally {
      // Unless the callback has stopped it, or stopped and started it again.
      if (this.#timeout === beat) this.#schedule();
    }
  };
}
