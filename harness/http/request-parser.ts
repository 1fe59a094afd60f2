import { ReadBuffer } from '../net/read-buffer.js';
import { areTrailers, Framing, type Refusal } from './head.js';
import {
  type BodyListener,
  HEAD,
  Llhttp,
  loaded,
  loadedByte,
  loadedText,
  MESSAGE,
  MORE,
  REFUSED,
} from './llhttp.js';
import { HTTPRequest } from './request.js';

export interface MessageLimits {
  /** Bytes of a head at most, and of the trailers. */
  readonly maxHeaderBytes: number;
  /** Bytes of a body at most. */
  readonly maxBodyBytes: number;
}

/** Bytes of chunk sizes and extensions that come with a byte of a body at most, beside `maxHeaderBytes` in all. */
const MOST_CHUNK_OVERHEAD = 16;

const CR = 13;
const LF = 10;

/** Parses the requests of one connection, in whatever pieces they come. Between two requests another may have it. */
export class RequestParser implements BodyListener {
  /** Where it stopped, in the block of llhttp. */
  at = 0;
  /** Why, after REFUSED. */
  refusal: Refusal = 400;
  readonly #limits: MessageLimits;
  readonly #llhttp = new Llhttp(this);
  readonly #framing = new Framing();
  #stage: 'start' | 'head' | 'body' = 'start';
  /** What came earlier of an incomplete head, or of trailers. */
  #kept: ReadBuffer | undefined;
  #request: HTTPRequest | undefined;
  #body: ReadBuffer | undefined;
  #bodyBytes = 0;
  /** Bytes after the head, whatever they are. */
  #rawBytes = 0;
  #lastByte = 0;
  /** Where the trailers begin, or go on, in the block; -1 as long as there are none. */
  #trailersAt = -1;

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  /** Whether a request has begun and is not complete. */
  get isAmid(): boolean {
    return this.#stage !== 'start';
  }

  get isInHead(): boolean {
    return this.#stage === 'head';
  }

  /** Whether the client waits to be told that it shall send the body. */
  get awaitsContinue(): boolean {
    return this.#stage === 'body' && this.#rawBytes === 0 && this.#framing.expectsContinue;
  }

  /** The request that MESSAGE told of. */
  get request(): HTTPRequest {
    return this.#request as HTTPRequest;
  }

  /**
   * Parses loaded bytes up to the end of a request. After MESSAGE the next request begins `at`, after REFUSED there is
   * nothing more to be had from this connection.
   */
  parse(from: number, to: number): typeof MORE | typeof MESSAGE | typeof REFUSED {
    let start = from;
    if (this.#stage === 'start') {
      // Empty lines before a request mean nothing.
      while (start < to && (loadedByte(start) === CR || loadedByte(start) === LF)) start++;
      this.at = start;
      if (start === to) return MORE;
      this.#stage = 'head';
    }
    if (this.#stage === 'head') {
      const stop = this.#parseHead(start, to);
      if (stop !== HEAD) return stop;
      start = this.at;
    }
    return this.#parseBody(start, to);
  }

  /** Forgets a request that is not complete. */
  restart(): void {
    this.#llhttp.restart();
    this.#stage = 'start';
    this.#kept = undefined;
    this.#body = undefined;
    this.#trailersAt = -1;
  }

  free(): void {
    this.#llhttp.free();
  }

  onBody(from: number, to: number): boolean {
    this.#bodyBytes += to - from;
    if (this.#bodyBytes > this.#limits.maxBodyBytes) return false;
    if (this.#body) this.#body.append(loaded(from, to));
    else this.#body = new ReadBuffer(loaded(from, to));
    return true;
  }

  onTrailer(from: number): void {
    if (this.#trailersAt === -1) this.#trailersAt = from;
  }

  /** HEAD: there is a body to come. */
  #parseHead(from: number, to: number): typeof MORE | typeof HEAD | typeof MESSAGE | typeof REFUSED {
    const llhttp = this.#llhttp;
    const { maxHeaderBytes, maxBodyBytes } = this.#limits;
    const stop = llhttp.execute(from, to);
    this.at = llhttp.at;
    if (stop === REFUSED) return this.#refuse(400);
    if ((this.#kept?.size ?? 0) + this.at - from > maxHeaderBytes) return this.#refuse(431);
    if (stop === MORE) {
      this.#keep(from, to);
      return MORE;
    }
    const head = this.#textTo(from, this.at);
    const framing = this.#framing;
    const refusal = framing.read(head);
    if (refusal !== 0) return this.#refuse(refusal);
    if (framing.contentLength > maxBodyBytes) return this.#refuse(413);
    this.#request = new HTTPRequest(head, framing.version, llhttp.keepsAlive);
    if (framing.contentLength === 0 && !framing.isChunked) return this.#complete();
    this.#stage = 'body';
    this.#bodyBytes = 0;
    this.#rawBytes = 0;
    return HEAD;
  }

  #parseBody(from: number, to: number): typeof MORE | typeof MESSAGE | typeof REFUSED {
    const { maxHeaderBytes, maxBodyBytes } = this.#limits;
    const stop = this.#llhttp.execute(from, to);
    this.at = this.#llhttp.at;
    this.#rawBytes += this.at - from;
    if (this.#bodyBytes > maxBodyBytes) return this.#refuse(413);
    if (stop === REFUSED) return this.#refuse(400);
    const overhead = this.#rawBytes - this.#bodyBytes;
    if (overhead > maxHeaderBytes + MOST_CHUNK_OVERHEAD * this.#bodyBytes) return this.#refuse(413);
    if (stop === MORE) {
      if (this.#trailersAt !== -1) this.#keep(this.#trailersAt, to);
      // What comes next goes on with them.
      if (this.#trailersAt !== -1) this.#trailersAt = 0;
      if (to > from) this.#lastByte = loadedByte(to - 1);
      return MORE;
    }
    if (this.#framing.isChunked && !this.#endsWell(from)) return this.#refuse(400);
    if (this.#body) this.request.body = this.#body.view();
    return this.#complete();
  }

  /** Whether the message that ends `at` ends in an empty line, and what stands before it is allowed there. */
  #endsWell(from: number): boolean {
    if (this.#trailersAt !== -1) return areTrailers(this.#textTo(this.#trailersAt, this.at));
    const last = loadedByte(this.at - 1);
    const before = this.at - 1 > from ? loadedByte(this.at - 2) : this.#lastByte;
    return before === CR && last === LF;
  }

  #complete(): typeof MESSAGE {
    this.restart();
    return MESSAGE;
  }

  #refuse(refusal: Refusal): typeof REFUSED {
    this.refusal = refusal;
    this.restart();
    return REFUSED;
  }

  #keep(from: number, to: number): void {
    if (this.#kept) this.#kept.append(loaded(from, to));
    else this.#kept = new ReadBuffer(loaded(from, to));
  }

  /** What was kept, with what is loaded behind it. */
  #textTo(from: number, to: number): string {
    const kept = this.#kept;
    if (!kept) return loadedText(from, to);
    this.#keep(from, to);
    this.#kept = undefined;
    return kept.view().toString('latin1');
  }
}
