import { receive, send } from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import type { IOLoop } from '../ioloop/ioloop.js';

/** Bytes of one receive or send at most. */
export const BLOCK_BYTES = 65_536;

/** How often a stream is resumed in one turn at most. */
const MOST_ROUNDS = 32;

interface Resumable {
  resume(): void;
}

const all = new WeakMap<IOLoop, PerLoop>();

/** What all streams of a loop share, so that an idle one owns next to nothing. */
export class PerLoop {
  static of(loop: IOLoop): PerLoop {
    let perLoop = all.get(loop);
    if (!perLoop) {
      perLoop = new PerLoop(loop);
      all.set(loop, perLoop);
    }
    return perLoop;
  }

  readonly loop: IOLoop;
  readonly isEdgeTriggered: boolean;
  /** For what is to be sent; filled just before `send`. */
  readonly outgoing: Buffer;

  readonly #incomingMemory = allocate(BLOCK_BYTES);
  readonly #incoming = Buffer.from(this.#incomingMemory.buffer);
  readonly #outgoingMemory = allocate(BLOCK_BYTES);
  readonly #receives;
  readonly #sends;
  #received = this.#incoming;
  #waiting: Resumable[] = [];
  #resuming: Resumable[] = [];
  /** Those that have had enough of a turn. */
  #nextTurn: Resumable[] = [];
  #willResume = false;

  constructor(loop: IOLoop) {
    this.loop = loop;
    this.isEdgeTriggered = loop.capabilities.trigger === 'edge';
    this.outgoing = Buffer.from(this.#outgoingMemory.buffer);
    this.#receives = loop.counters.syscall('recv');
    this.#sends = loop.counters.syscall('send');
  }

  /** Receives into the shared block. Returns as `receive` of libc does. */
  receive(fd: number, bytes: number): number {
    this.#receives.count++;
    return receive(fd, this.#incomingMemory.address, bytes);
  }

  /** What was received last, until the next `receive`. Requests of equal length get the same view again. */
  received(bytes: number): Buffer {
    if (this.#received.length !== bytes) this.#received = this.#incoming.subarray(0, bytes);
    return this.#received;
  }

  /** Sends the front of `outgoing`. Returns as `send` of libc does. */
  send(fd: number, bytes: number): number {
    this.#sends.count++;
    return send(fd, this.#outgoingMemory.address, bytes);
  }

  /**
   * Calls `resume` on a stack of its own, in order of arrival, without a closure for each: in the next turn, or in this one
   * where streams are being resumed. A reader that finds its next request in what has come already, and thousands may,
   * thereby costs a poller that looks at every fd not a wait for each.
   */
  resumeLater(stream: Resumable): void {
    this.#waiting.push(stream);
    this.#schedule();
  }

  /** The same in the next turn, once others have had theirs. */
  resumeNextTurn(stream: Resumable): void {
    this.#nextTurn.push(stream);
    this.#schedule();
  }

  /** To the loop's error sink, in the next turn: whatever goes on here goes on. */
  report(error: unknown): void {
    this.loop.addCallback(() => {
      throw error;
    });
  }

  #schedule(): void {
    if (this.#willResume) return;
    this.#willResume = true;
    this.loop.addCallback(this.#resume);
  }

  readonly #resume = (): void => {
    const rested = this.#nextTurn;
    this.#nextTurn = [];
    this.#waiting.push(...rested);
    try {
      for (let round = 0; round < MOST_ROUNDS && this.#waiting.length > 0; round++) this.#resumeOnce();
    } finally {
      this.#willResume = false;
      if (this.#waiting.length + this.#nextTurn.length > 0) this.#schedule();
    }
  };

  #resumeOnce(): void {
    const streams = this.#waiting;
    this.#waiting = this.#resuming;
    this.#resuming = streams;
    for (const stream of streams) stream.resume();
    streams.length = 0;
  }
}
