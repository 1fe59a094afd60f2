import { allocate } from '../../pollers/libc/memory.js';
import { receive, send } from '../../pollers/libc/sockets.js';
import type { IOLoop } from '../ioloop/ioloop.js';

/** Bytes of one receive or send at most. */
export const BLOCK_BYTES = 65_536;

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

  /** Calls `resume` in the next turn, in order of arrival, without a closure for each. */
  resumeLater(stream: Resumable): void {
    if (this.#waiting.push(stream) === 1) this.loop.addCallback(this.#resume);
  }

  /** To the loop's error sink, in the next turn: whatever goes on here goes on. */
  report(error: unknown): void {
    this.loop.addCallback(() => {
      throw error;
    });
  }

  readonly #resume = (): void => {
    const streams = this.#waiting;
    this.#waiting = this.#resuming;
    this.#resuming = streams;
    for (const stream of streams) stream.resume();
    streams.length = 0;
  };
}
