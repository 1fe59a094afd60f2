import { load, MESSAGE, MORE, REFUSED } from '../llhttp.js';
import type { HTTPRequest } from '../request.js';
import { type MessageLimits, RequestParser } from '../request-parser.js';

export interface Framed {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

/** What a client's bytes are to the server, without a network. */
export interface Framing {
  readonly requests: readonly Framed[];
  /** Idle: another request may come; amid: one has begun; last: no more is wanted; else the status of the refusal. */
  readonly end: 'idle' | 'amid' | 'last' | RequestParser['refusal'];
}

const LIMITS: MessageLimits = { maxHeaderBytes: 16_384, maxBodyBytes: 2 ** 20 };

/** Frames what comes, the way a connection does. */
export class Framer {
  readonly requests: Framed[] = [];
  /** Bytes up to the end of the last complete request. */
  framedBytes = 0;
  readonly #parser: RequestParser;
  #bytes = 0;
  #over: Framing['end'] | undefined;

  constructor(limits: MessageLimits = LIMITS) {
    this.#parser = new RequestParser(limits);
  }

  get end(): Framing['end'] {
    return this.#over ?? (this.#parser.isAmid ? 'amid' : 'idle');
  }

  feed(piece: Uint8Array): void {
    const parser = this.#parser;
    load(piece);
    for (let at = 0; at < piece.length && this.#over === undefined; at = parser.at) {
      const outcome = parser.parse(at, piece.length);
      if (outcome === MORE) break;
      if (outcome === REFUSED) {
        this.#over = parser.refusal;
        break;
      }
      if (outcome !== MESSAGE || parser.at <= at) throw new Error('it does not get on');
      this.requests.push(framed(parser.request));
      this.framedBytes = this.#bytes + parser.at;
      if (!parser.request.keepsAlive) this.#over = 'last';
    }
    this.#bytes += piece.length;
  }

  free(): void {
    this.#parser.free();
  }
}

/** Frames what comes in these pieces. */
export function frame(pieces: readonly Uint8Array[], limits?: MessageLimits): Framing {
  const framer = new Framer(limits);
  try {
    for (const piece of pieces) framer.feed(piece);
    return { requests: framer.requests, end: framer.end };
  } finally {
    framer.free();
  }
}

const framed = ({ method, target, body }: HTTPRequest): Framed => ({
  method,
  target,
  body: body.toString('latin1'),
});
