import type { Clock } from '../clock.js';

/** A clock that stands still until somebody moves it. */
export class JumpingClock implements Clock {
  #nowMs: number;

  constructor(startMs = 1000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
