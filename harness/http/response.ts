import type { HTTPConnection } from './connection.js';
import type { Announcement, Reply } from './reply.js';

/** The answer to one request, to be given now or later. */
export class HTTPResponse {
  /** The answer to the connection's next request. */
  next: HTTPResponse | undefined;
  readonly #connection: HTTPConnection;
  readonly #announcement: Announcement;
  readonly #headOnly: boolean;
  #reply: Reply | undefined;

  constructor(connection: HTTPConnection, announcement: Announcement, headOnly: boolean) {
    this.#connection = connection;
    this.#announcement = announcement;
    this.#headOnly = headOnly;
  }

  /** Whether it is given. */
  get isSent(): boolean {
    return this.#reply !== undefined;
  }

  /**
   * Answers, after the answers to earlier requests; to a client that has gone, nobody. @throws Error the second time
   */
  send(reply: Reply): void {
    if (this.#reply) throw new Error('the request is answered already');
    this.#reply = reply;
    this.#connection.settle(this);
  }

  /** What was sent. */
  bytes(): Buffer {
    return (this.#reply as Reply).bytes(this.#announcement, this.#headOnly);
  }
}
