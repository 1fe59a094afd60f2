import { valueAfter } from './head.js';

const NOTHING = Buffer.alloc(0);

/** A request, complete with its body. What its head says is looked up when somebody asks. */
export class HTTPRequest {
  /** Without the chunks that it may have come in. */
  body: Buffer = NOTHING;
  /** Whether the client wants to go on with the connection. */
  readonly keepsAlive: boolean;
  readonly version: '1.0' | '1.1';
  readonly #head: string;

  /** The head is valid, from the method to the empty line. */
  constructor(head: string, version: '1.0' | '1.1', keepsAlive: boolean) {
    this.#head = head;
    this.version = version;
    this.keepsAlive = keepsAlive;
  }

  get method(): string {
    return this.#head.slice(0, this.#head.indexOf(' '));
  }

  /** As it came, a path with its query as a rule. */
  get target(): string {
    const from = this.#head.indexOf(' ') + 1;
    return this.#head.slice(from, this.#head.indexOf(' ', from));
  }

  get isHead(): boolean {
    return this.#head.startsWith('HEAD ');
  }

  /** The value of a field, in latin1, or undefined; the name in any case. Several fields of a name give one list. */
  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const values = this.headers()
      .filter(([known]) => known.toLowerCase() === wanted)
      .map(([, value]) => value);
    return values.length > 0 ? values.join(', ') : undefined;
  }

  /** Names and values, in latin1, as they came. */
  headers(): [name: string, value: string][] {
    const head = this.#head;
    const fields: [string, string][] = [];
    for (
      let from = head.indexOf('\r\n') + 2;
      head.charCodeAt(from) !== 13;
      from = head.indexOf('\r\n', from) + 2
    ) {
      const colon = head.indexOf(':', from);
      fields.push([head.slice(from, colon), valueAfter(colon, head)]);
    }
    return fields;
  }
}
