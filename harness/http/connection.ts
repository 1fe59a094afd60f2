import type { IOStream } from '../net/iostream.js';
import { closeLingering } from '../net/lingering-close.js';
import { CLOSED, type Closed } from '../net/outcomes.js';
import { PerLoop } from '../net/per-loop.js';
import type { Deadlines, Mortal } from './deadlines.js';
import type { Refusal } from './head.js';
import { load, MESSAGE, MORE } from './llhttp.js';
import { Reply } from './reply.js';
import type { HTTPRequest } from './request.js';
import { type MessageLimits, RequestParser } from './request-parser.js';
import { HTTPResponse } from './response.js';

export type Handler = (request: HTTPRequest, response: HTTPResponse) => void;

export interface ConnectionLimits extends MessageLimits {
  /** Requests of a connection that wait for their answers at most; more are left where they are. */
  readonly maxPipelined: number;
  /** From the first byte of a request to the end of its head. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number;
  /** Without a request, from the connection's beginning or the last answer on; or with an answer that the client does not take. */
  readonly idleTimeoutMs: number;
}

/** What the connections of a server share. */
export class Service {
  readonly handler: Handler;
  readonly limits: ConnectionLimits;
  readonly deadlines: Deadlines;
  #parser: RequestParser;

  constructor(handler: Handler, limits: ConnectionLimits, deadlines: Deadlines) {
    this.handler = handler;
    this.limits = limits;
    this.deadlines = deadlines;
    this.#parser = new RequestParser(limits);
  }

  /** For requests that come whole, one connection after the other. */
  get parser(): RequestParser {
    return this.#parser;
  }

  /** The parser belongs to a connection now. */
  giveAway(): void {
    this.#parser = new RequestParser(this.limits);
  }
}

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const NOTHING = Buffer.alloc(0);
const INTERNAL_ERROR = new Reply(500);
const REFUSALS: Readonly<Record<Refusal, Reply>> = {
  400: new Reply(400),
  408: new Reply(408),
  413: new Reply(413),
  417: new Reply(417),
  431: new Reply(431),
  501: new Reply(501),
};

/** One client. Between requests it owns no parser and no buffer. */
export class HTTPConnection implements Mortal {
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #stream: IOStream;
  readonly #service: Service;
  /** Its own, while a request is incomplete. */
  #parser: RequestParser | undefined;
  /** When that request began. */
  #beganMs = 0;
  /** Answers that are still to be sent, in the order of the requests. */
  #first: HTTPResponse | undefined;
  #last: HTTPResponse | undefined;
  #waiting = 0;
  /** What came behind more requests than may wait. */
  #rest: Buffer | undefined;
  #isTaking = false;
  #willGoOn = false;
  /** No further request is read. */
  #isEnding = false;
  #hasEnded = false;
  #queuedBytes = 0;

  constructor(stream: IOStream, service: Service) {
    this.#stream = stream;
    this.#service = service;
    service.deadlines.add(this);
    stream.setCloseCallback(this.#onClose);
    stream.readSome(this.#onBytes);
    this.#setDeadline();
  }

  /** For responses: this one is given. */
  settle(response: HTTPResponse): void {
    const stream = this.#stream;
    if (stream.closed || response !== this.#first) return;
    for (let next: HTTPResponse | undefined = response; next?.isSent; next = this.#first) {
      this.#first = next.next;
      this.#waiting--;
      stream.write(next.bytes());
      if (stream.closed) return;
    }
    if (this.#isEnding && !this.#first) this.#end();
    if (this.#isTaking) return;
    if (this.#parser?.awaitsContinue && !this.#first) stream.write(CONTINUE);
    this.#setDeadline();
    if (this.#rest) this.#goOnLater();
  }

  expire(nowMs: number): void {
    const stream = this.#stream;
    const before = this.#queuedBytes;
    this.#queuedBytes = stream.queuedBytes;
    if (this.#parser) {
      this.#refuse(408);
      this.#setDeadline();
    } else if (stream.queuedBytes === 0 || stream.queuedBytes === before) {
      stream.close();
    } else {
      this.#service.deadlines.set(this, nowMs + this.#service.limits.idleTimeoutMs);
    }
  }

  readonly #onBytes = (bytes: Buffer | Closed): void => {
    if (bytes !== CLOSED) this.#take(bytes);
    else if (!this.#stream.closed) this.#onHalfClose();
  };

  readonly #onClose = (): void => {
    this.#service.deadlines.delete(this);
    this.#parser?.free();
    this.#parser = undefined;
    this.#rest = undefined;
    this.#first = undefined;
    this.#last = undefined;
  };

  /** The client sends nothing more, but may still want its answers. */
  #onHalfClose(): void {
    this.#isEnding = true;
    this.#dropParser();
    this.#setDeadline();
    if (!this.#first) this.#end();
  }

  /** Serves the requests that are complete with these bytes. */
  #take(bytes: Buffer): void {
    const service = this.#service;
    const parser = this.#parser ?? service.parser;
    let hasBegun = this.#parser !== undefined;
    let hasServed = false;
    this.#isTaking = true;
    load(bytes);
    for (let at = 0; at < bytes.length; at = parser.at) {
      if (!this.#mayTake) {
        if (!this.#isEnding) this.#rest = Buffer.from(bytes.subarray(at));
        break;
      }
      const outcome = parser.parse(at, bytes.length);
      if (outcome === MORE) break;
      hasBegun = false;
      hasServed = true;
      if (outcome === MESSAGE) this.#serve(parser.request);
      else this.#refuse(parser.refusal);
    }
    this.#isTaking = false;
    if (this.#stream.closed) return;
    if (parser.isAmid) this.#goOnWith(parser, hasBegun);
    else this.#dropParser();
    // Empty lines do not put it off.
    if (parser.isAmid || hasServed) this.#setDeadline();
    this.#listen();
  }

  get #mayTake(): boolean {
    return !this.#isEnding && this.#waiting < this.#service.limits.maxPipelined && this.#stream.writable;
  }

  #listen(): void {
    if (this.#isEnding) return;
    if (this.#rest) this.#stream.setDrainCallback(() => this.#goOn());
    else this.#stream.readSome(this.#onBytes);
  }

  /** The rest of a request is to come, so the parser that knows its beginning stays here. */
  #goOnWith(parser: RequestParser, hasBegun: boolean): void {
    if (!this.#parser) this.#service.giveAway();
    this.#parser = parser;
    if (!hasBegun) this.#beganMs = this.#stream.loop.time();
    if (parser.awaitsContinue && !this.#first) this.#stream.write(CONTINUE);
  }

  #dropParser(): void {
    this.#parser?.free();
    this.#parser = undefined;
  }

  /** With requests that had to wait, on a fresh stack. */
  #goOnLater(): void {
    if (this.#willGoOn) return;
    this.#willGoOn = true;
    this.#stream.loop.addCallback(() => {
      this.#willGoOn = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    const rest = this.#rest;
    if (!rest || !this.#mayTake) return;
    this.#rest = undefined;
    this.#take(rest);
  }

  #serve(request: HTTPRequest): void {
    if (!request.keepsAlive) this.#isEnding = true;
    const announcement = this.#isEnding ? 'close' : request.version === '1.0' ? 'keep-alive' : '';
    const response = this.#expect(new HTTPResponse(this, announcement, request.isHead));
    try {
      this.#service.handler(request, response);
    } catch (error) {
      PerLoop.of(this.#stream.loop).report(error);
      if (!response.isSent) response.send(INTERNAL_ERROR);
    }
  }

  #refuse(refusal: Refusal): void {
    this.#isEnding = true;
    this.#dropParser();
    this.#expect(new HTTPResponse(this, 'close', false)).send(REFUSALS[refusal]);
  }

  #expect(response: HTTPResponse): HTTPResponse {
    if (this.#first) (this.#last as HTTPResponse).next = response;
    else this.#first = response;
    this.#last = response;
    this.#waiting++;
    return response;
  }

  /** Ends the connection once everything is sent. */
  #end(): void {
    const stream = this.#stream;
    if (this.#hasEnded) return;
    this.#isEnding = true;
    this.#hasEnded = true;
    if (stream.queuedBytes === 0) closeLingering(stream);
    else stream.write(NOTHING, () => closeLingering(stream));
  }

  #setDeadline(): void {
    const { limits, deadlines } = this.#service;
    if (this.#parser)
      deadlines.set(
        this,
        this.#beganMs + (this.#parser.isInHead ? limits.headersTimeoutMs : limits.requestTimeoutMs),
      );
    else if (this.#first) deadlines.set(this, Number.POSITIVE_INFINITY);
    else deadlines.set(this, this.#stream.loop.time() + limits.idleTimeoutMs);
  }
}
