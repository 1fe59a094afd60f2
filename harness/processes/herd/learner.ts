import { WOULD_BLOCK } from '../../../pollers/libc/linux/files.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import type { Timeout } from '../../ioloop/timers.js';
import { type Connections, LOST } from './connections.js';
import { chunk, ENDED, isEnd, type Reader, receiveChunk } from './reading.js';
import { type ExpectedReply, replyFrom } from './reply.js';
import { REQUEST, sendRequest } from './request.js';

const PATIENCE_MS = 5000;

/** Asks once on the first connection that is held, of which there is one, to learn what a right reply is. */
export class Learner implements Reader {
  readonly #loop: IOLoop;
  readonly #connections: Connections;
  readonly #fd: number;
  readonly #onOver: (outcome: ExpectedReply | Error) => void;
  readonly #patience: Timeout;
  #received: Buffer = Buffer.alloc(0);

  constructor(loop: IOLoop, connections: Connections, onOver: (outcome: ExpectedReply | Error) => void) {
    this.#loop = loop;
    this.#connections = connections;
    this.#fd = firstHeld(connections);
    this.#onOver = onOver;
    this.#patience = loop.callLater(PATIENCE_MS, () =>
      this.#end(new Error(`the server did not answer the first request within ${PATIENCE_MS / 1000} s`)),
    );
  }

  ask(): void {
    let sent: number;
    try {
      sent = sendRequest(this.#fd);
    } catch (error) {
      if (!isEnd(error)) throw error;
      sent = ENDED;
    }
    if (sent !== REQUEST.length)
      this.#end(new Error('the server closed the connection before the first request'));
  }

  readable(fd: number): void {
    if (fd !== this.#fd) {
      this.#connections.drop(fd);
      return;
    }
    const count = receiveChunk(fd);
    if (count === WOULD_BLOCK) return;
    if (count === ENDED) {
      this.#end(new Error('the server closed the connection instead of answering the first request'));
      return;
    }
    this.#received = Buffer.concat([this.#received, chunk.subarray(0, count)]);
    let reply: ExpectedReply | null;
    try {
      reply = replyFrom(this.#received);
    } catch (error) {
      this.#end(error as Error);
      return;
    }
    if (reply) this.#end(reply);
  }

  #end(outcome: ExpectedReply | Error): void {
    this.#loop.removeTimeout(this.#patience);
    if (outcome instanceof Error) this.#connections.drop(this.#fd);
    this.#onOver(outcome);
  }
}

function firstHeld(connections: Connections): number {
  let number = 0;
  while (connections.fdOf(number) === LOST) number++;
  return connections.fdOf(number);
}
