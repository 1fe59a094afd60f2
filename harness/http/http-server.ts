import type { IOLoop } from '../ioloop/ioloop.js';
import type { IOStream } from '../net/iostream.js';
import { TCPServer, type TCPServerOptions } from '../net/tcp-server.js';
import { type ConnectionLimits, type Handler, HTTPConnection, Service } from './connection.js';
import { Deadlines } from './deadlines.js';
import type { HTTPRequest } from './request.js';
import type { HTTPResponse } from './response.js';

/** Limits may be Infinity. */
export interface HTTPServerOptions
  extends Omit<TCPServerOptions, 'allowHalfOpen'>,
    Partial<ConnectionLimits> {}

const DEFAULTS: ConnectionLimits = {
  maxHeaderBytes: 16_384,
  maxBodyBytes: 2 ** 20,
  maxPipelined: 16,
  headersTimeoutMs: 30_000,
  requestTimeoutMs: 120_000,
  idleTimeoutMs: 75_000,
};

/** A deadline may be late by this share of the shortest timeout, and by this many ms. */
const MOST_LATE = 0.1;
const MOST_LATE_MS = 500;

/**
 * An HTTP/1.1 server, for HTTP/1.0 clients too: hand in a handler, or override `handleRequest`.
 *
 * A request comes complete with its body. It is answered at once or later, by one `send` of a `Reply`; answers leave in
 * the order of the requests. Connections stay as long as the client likes and the timeouts let them. What is no request
 * beyond doubt is answered with 400, 413, 417, 431 or 501, one that takes too long with 408, and the connection ends:
 * two readers of one message must never disagree where it ends.
 */
export class HTTPServer extends TCPServer {
  readonly #handler: Handler | undefined;
  readonly #service: Service;

  constructor(loop: IOLoop, handler?: Handler, options: HTTPServerOptions = {}) {
    super(loop, { ...options, allowHalfOpen: true });
    this.#handler = handler;
    const limits = { ...DEFAULTS, ...options };
    const shortest = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs, limits.idleTimeoutMs);
    const deadlines = new Deadlines(loop, Math.min(MOST_LATE_MS, shortest * MOST_LATE));
    this.#service = new Service(
      (request, response) => this.handleRequest(request, response),
      limits,
      deadlines,
    );
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#service.deadlines.size;
  }

  /** Gets every request. If it throws before it has answered, the answer is 500, and the error goes to the loop's sink. */
  handleRequest(request: HTTPRequest, response: HTTPResponse): void {
    if (!this.#handler) throw new Error('hand in a handler or override handleRequest');
    this.#handler(request, response);
  }

  override handleStream(stream: IOStream): void {
    new HTTPConnection(stream, this.#service);
  }
}
