import { STATUS_CODES } from 'node:http';

/** What a reply says of the connection, where that is not what the client expects anyway. */
export type Announcement = '' | 'close' | 'keep-alive';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t -~\x80-\xff]*$/;

/**
 * An answer, made once and sent as often as one likes: its bytes are kept. It has a Content-Length, and no Date: servers
 * that are compared shall answer with the same bytes, and one without a Date may be taken for one without a clock.
 */
export class Reply {
  readonly #status: number;
  readonly #fields: string;
  readonly #body: Buffer;
  readonly #whole = new Map<Announcement, Buffer>();
  readonly #heads = new Map<Announcement, Buffer>();

  /**
   * Text is sent as UTF-8. Status 204 and 304 have no body.
   * @throws RangeError for a status that is none or not final, for a field that HTTP cannot express or that is set here
   */
  constructor(
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body: string | Uint8Array = '',
  ) {
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw new RangeError(`${status} is no status to answer with`);
    for (const [name, value] of Object.entries(headers)) {
      if (!NAME.test(name) || !VALUE.test(value))
        throw new RangeError(`not a header field: ${JSON.stringify(`${name}: ${value}`)}`);
      if (/^(?:content-length|transfer-encoding|connection)$/i.test(name))
        throw new RangeError(`${name} is for the server to say`);
    }
    this.#body = Buffer.from(body as Uint8Array);
    const isBodiless = status === 204 || status === 304;
    if (isBodiless && this.#body.length > 0) throw new RangeError(`status ${status} has no body`);
    this.#status = status;
    const length = isBodiless ? {} : { 'Content-Length': String(this.#body.length) };
    this.#fields = Object.entries({ ...headers, ...length })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  /** The bytes to send; to a request for the head alone, without the body. */
  bytes(announcement: Announcement, headOnly: boolean): Buffer {
    const known = headOnly ? this.#heads : this.#whole;
    let bytes = known.get(announcement);
    if (!bytes) {
      const connection = announcement === '' ? '' : `Connection: ${announcement}\r\n`;
      const reason = STATUS_CODES[this.#status] ?? '';
      const head = Buffer.from(
        `HTTP/1.1 ${this.#status} ${reason}\r\n${this.#fields}${connection}\r\n`,
        'latin1',
      );
      bytes = headOnly ? head : Buffer.concat([head, this.#body]);
      known.set(announcement, bytes);
    }
    return bytes;
  }
}
