import { ReadBuffer } from './read-buffer.js';
import { NEVER, NOT_YET, ReadRequest } from './read-request.js';

export { NEVER, NOT_YET };

const NOTHING = Buffer.alloc(0);

/** What a stream's owner wants to read next, and what has come and was not read. No buffer stands while nothing is kept. */
export class Inbox {
  readonly #maxBytes: number;
  readonly #request = new ReadRequest();
  #buffer: ReadBuffer | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#buffer === undefined ? 0 : this.#buffer.size;
  }

  /** Bytes that may come before the limit is reached. */
  get room(): number {
    return this.#maxBytes - this.size;
  }

  /** Whether the request may be complete without another byte. */
  get mayMatch(): boolean {
    return this.#buffer !== undefined || this.#request.isEmpty;
  }

  get isUntilClose(): boolean {
    return this.#request.isUntilClose;
  }

  /** @throws RangeError when the delimiter is empty */
  requestUntil(delimiter: Uint8Array, maxBytes = this.#maxBytes): void {
    if (delimiter.length === 0) throw new RangeError('an empty delimiter delimits nothing');
    this.#request.until(delimiter, Math.min(maxBytes, this.#maxBytes));
  }

  /** @throws RangeError when that is more than is ever kept */
  requestBytes(bytes: number): void {
    if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= this.#maxBytes))
      throw new RangeError(`cannot read ${bytes} bytes with room for ${this.#maxBytes}`);
    this.#request.bytes(bytes);
  }

  /** @throws RangeError unless it is positive */
  requestSome(maxBytes: number): void {
    if (!(maxBytes >= 1)) throw new RangeError(`cannot read at most ${maxBytes} bytes`);
    this.#request.some(maxBytes);
  }

  requestUntilClose(): void {
    this.#request.untilClose(this.#maxBytes);
  }

  /** The bytes that complete the request, now that these have come; else they are kept. */
  receive(bytes: Buffer): Buffer | typeof NOT_YET | typeof NEVER {
    if (this.#buffer) {
      this.#buffer.append(bytes);
      return this.match();
    }
    const size = this.#request.match(bytes);
    if (size === bytes.length) return bytes;
    if (size === NEVER) return NEVER;
    this.#buffer = new ReadBuffer(size === NOT_YET ? bytes : bytes.subarray(size));
    return size === NOT_YET ? NOT_YET : bytes.subarray(0, size);
  }

  /** The same with nothing but what is kept. */
  match(): Buffer | typeof NOT_YET | typeof NEVER {
    const size = this.#request.match(this.#buffer ? this.#buffer.view() : NOTHING);
    if (size === NOT_YET || size === NEVER) return size;
    return this.#take(size);
  }

  /** Everything that is kept. */
  takeAll(): Buffer {
    return this.#take(this.size);
  }

  clear(): void {
    this.#buffer = undefined;
  }

  #take(size: number): Buffer {
    const buffer = this.#buffer;
    if (!buffer) return NOTHING;
    const bytes = buffer.take(size);
    if (buffer.size === 0) this.#buffer = undefined;
    return bytes;
  }
}
