import { LatencyHistogram } from '../load/latency-histogram.js';
import type { BeatReport } from './protocol.js';

/** Of a beat, instead of its latency. */
const UNANSWERED = -1;
const WRONG = -2;
const LOST = -3;

const NONE = -1;

/** What became of each beat of a window. Those of one connection that wait for their answers are a list, in order. */
export class Beats {
  /** How many wait for their answers. */
  pending = 0;

  readonly #timesNs: Float64Array;
  /** ns from its time to its answer, or why there is none. */
  readonly #outcomes: Float64Array;
  readonly #next: Int32Array;
  /** By fd: the beat that the next answer is for, and the beat that came last, answered or not. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  constructor(timesNs: Float64Array, fdsEnd: number) {
    this.#timesNs = timesNs;
    this.#outcomes = new Float64Array(timesNs.length).fill(UNANSWERED);
    this.#next = new Int32Array(timesNs.length).fill(NONE);
    this.#first = new Int32Array(fdsEnd).fill(NONE);
    this.#last = new Int32Array(fdsEnd).fill(NONE);
  }

  /** A beat has left. */
  add(beat: number, fd: number): void {
    if (this.#first[fd] === NONE) this.#first[fd] = beat;
    else this.#next[this.#last[fd] as number] = beat;
    this.#last[fd] = beat;
    this.pending++;
  }

  isWaiting(fd: number): boolean {
    return this.#first[fd] !== NONE;
  }

  /** An answer has come. */
  answer(fd: number, nowNs: number, isRight: boolean): void {
    const beat = this.#take(fd);
    this.#outcomes[beat] = isRight ? Math.max(0, nowNs - (this.#timesNs[beat] as number)) : WRONG;
  }

  /** More has come than was asked for: the last answer was too long. */
  spoilLast(fd: number): void {
    const beat = this.#last[fd] as number;
    if (beat !== NONE) this.#outcomes[beat] = WRONG;
  }

  /** A beat could not even be sent. */
  lose(beat: number): void {
    this.#outcomes[beat] = LOST;
  }

  /** No answer will come any more. */
  loseAll(fd: number): void {
    while (this.isWaiting(fd)) this.#outcomes[this.#take(fd)] = LOST;
  }

  /** How many have their answer by now. */
  get answered(): number {
    return this.#outcomes.reduce((count, outcome) => count + Number(outcome >= 0), 0);
  }

  /** Without what only the window knows. */
  report(): Pick<BeatReport, 'intended' | 'answered' | 'unanswered' | 'wrong' | 'lost' | 'latencyUs'> {
    const latencies = new LatencyHistogram();
    let [unanswered, wrong, lost] = [0, 0, 0];
    for (const outcome of this.#outcomes) {
      if (outcome >= 0) latencies.record(outcome);
      else if (outcome === UNANSWERED) unanswered++;
      else if (outcome === WRONG) wrong++;
      else lost++;
    }
    const intended = this.#outcomes.length;
    return { intended, answered: latencies.count, unanswered, wrong, lost, latencyUs: latencies.summary() };
  }

  #take(fd: number): number {
    const beat = this.#first[fd] as number;
    this.#first[fd] = this.#next[beat] as number;
    this.pending--;
    return beat;
  }
}
