import type { Announcement, Reply } from './reply.js';

/** Whoever sends answers in the order of their requests. */
export interface Sender {
  /** This one is given. */
  settle(response: HTTPResponse): void;
}

/** The answer to one request, to be given now or later. */
export class HTTPResponse {
  /** The answer to the connection's next request. */
  next: HTTPResponse | undefined;
  readonly #sender: Sender;
  readonly #announcement: Announcement;
  readonly #headOnly: boolean;
  #reply: Reply | undefined;

  constructor(sender: Sender, announcement: Announcement, headOnly: boolean) {
    this.#sender = sender;
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
    this.#sender.settle(this);
  }

  /** What was sent. */
  bytes(): Buffer {
    return (this.#reply as Reply).bytes(this.#announcement, this.#headOnly);
  }
}
