import { ReadBuffer } from '../net/read-buffer.js';
import { beginsChunk, endsChunks, Framing, type Refusal } from './head.js';
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
  /** What came earlier of an incomplete head, or of what stands between chunks. */
  #kept: ReadBuffer | undefined;
  #request: HTTPRequest | undefined;
  #body: ReadBuffer | undefined;
  #bodyBytes = 0;
  /** Bytes after the head, whatever they are. */
  #rawBytes = 0;
  /** Where in the block it goes on behind the data that came last. */
  #gapAt = 0;
  #isMalformed = false;

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
  }

  free(): void {
    this.#llhttp.free();
  }

  onBody(from: number, to: number): boolean {
    this.#isMalformed = !this.#isGapFine(from);
    this.#gapAt = to;
    this.#bodyBytes += to - from;
    if (this.#isMalformed || this.#bodyBytes > this.#limits.maxBodyBytes) return false;
    if (this.#body) this.#body.append(loaded(from, to));
    else this.#body = new ReadBuffer(loaded(from, to));
    return true;
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
    this.#gapAt = from;
    const stop = this.#llhttp.execute(from, to);
    this.at = this.#llhttp.at;
    this.#rawBytes += this.at - from;
    const { isChunked } = this.#framing;
    if (stop === REFUSED) return this.#refuse(this.#isTooLong && !this.#isMalformed ? 413 : 400);
    if (stop === MORE) {
      if (isChunked && this.#gapAt < to) this.#keep(this.#gapAt, to);
      return this.#isTooLong ? this.#refuse(413) : MORE;
    }
    if (this.#isTooLong) return this.#refuse(413);
    if (isChunked && !endsChunks(this.#gapTo(this.at))) return this.#refuse(400);
    if (this.#body) this.request.body = this.#body.view();
    return this.#complete();
  }

  get #isTooLong(): boolean {
    const { maxHeaderBytes, maxBodyBytes } = this.#limits;
    const overhead = this.#rawBytes - this.#bodyBytes;
    return (
      this.#bodyBytes > maxBodyBytes ||
      overhead > maxHeaderBytes + MOST_CHUNK_OVERHEAD * this.#bodyBytes ||
      (this.#kept?.size ?? 0) > maxHeaderBytes
    );
  }

  /** Whether what stands before these data is what should; between pieces of one chunk that is nothing. */
  #isGapFine(from: number): boolean {
    if (!this.#framing.isChunked || (this.#gapAt === from && !this.#kept)) return true;
    return beginsChunk(this.#gapTo(from));
  }

  /** Text from the data that came last, or the head, up to here: a line's end and what follows. */
  #gapTo(to: number): string {
    const gap = this.#textTo(this.#gapAt, to);
    // A line has ended before the first chunk, too.
    return this.#bodyBytes === 0 ? `\r\n${gap}` : gap;
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
