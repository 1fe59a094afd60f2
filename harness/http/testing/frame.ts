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

/** Frames what comes in these pieces, the way a connection does. */
export function frame(pieces: readonly Uint8Array[], limits: MessageLimits = LIMITS): Framing {
  const parser = new RequestParser(limits);
  const requests: Framed[] = [];
  try {
    for (const piece of pieces) {
      load(piece);
      for (let at = 0; at < piece.length; at = parser.at) {
        const outcome = parser.parse(at, piece.length);
        if (outcome === MORE) break;
        if (outcome === REFUSED) return { requests, end: parser.refusal };
        if (outcome !== MESSAGE || parser.at <= at) throw new Error('it does not get on');
        requests.push(framed(parser.request));
        if (!parser.request.keepsAlive) return { requests, end: 'last' };
      }
    }
    return { requests, end: parser.isAmid ? 'amid' : 'idle' };
  } finally {
    parser.free();
  }
}

const framed = ({ method, target, body }: HTTPRequest): Framed => ({
  method,
  target,
  body: body.toString('latin1'),
});
