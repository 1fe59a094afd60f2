import { randomFrom } from '../load/random.js';
import { FIXED_REPLY } from '../server/apps/fixed.js';
import type { AppName } from '../server/protocol.js';

/** A text without end: the same bytes over and over, from any place on. */
export class Cycle {
  readonly period: number;
  readonly #twice: Buffer;

  constructor(bytes: Buffer) {
    this.period = bytes.length;
    this.#twice = Buffer.concat([bytes, bytes]);
  }

  /** What stands at a position; at most `period` bytes at a time. A view. */
  at(position: number, bytes: number): Buffer {
    const from = position % this.period;
    return this.#twice.subarray(from, from + Math.min(bytes, this.period));
  }
}

/** What is said to an app and what has to come back: so many bytes of the one text for so many of the other. */
export interface Talk {
  readonly asks: Cycle;
  readonly answers: Cycle;
  readonly askUnit: number;
  readonly answerUnit: number;
}

/** About the size of a receive, so that a run of bytes that is lost or doubled does not fit by chance: a prime. */
const PERIOD_BYTES = 65_521;

/** Each request is answered with the same bytes. */
function requests(request: Buffer, reply: Buffer): Talk {
  const repeated = (bytes: Buffer) =>
    new Cycle(Buffer.concat(Array.from({ length: Math.ceil(PERIOD_BYTES / bytes.length) }, () => bytes)));
  return {
    asks: repeated(request),
    answers: repeated(reply),
    askUnit: request.length,
    answerUnit: reply.length,
  };
}

/** Every byte comes back. */
function mirror(seed: number): Talk {
  const random = randomFrom(seed);
  const text = new Cycle(Buffer.from(Uint8Array.from({ length: PERIOD_BYTES }, () => random() * 256)));
  return { asks: text, answers: text, askUnit: 1, answerUnit: 1 };
}

const GET = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');

/** One line per app. */
export const talks: Record<AppName, (seed: number) => Talk> = {
  fixed: () => requests(GET, FIXED_REPLY),
  // The same bytes: they are compared.
  http: () => requests(GET, FIXED_REPLY),
  echo: mirror,
};
