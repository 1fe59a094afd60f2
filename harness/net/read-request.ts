/** More bytes may complete the read. */
export const NOT_YET = -1;
/** No more bytes can. */
export const NEVER = -2;

const NOTHING = Buffer.alloc(0);

/** What a stream's owner wants to read next. One object for each stream, used again for every read. */
export class ReadRequest {
  #kind: 'until' | 'bytes' | 'some' | 'until-close' = 'some';
  #delimiter: Uint8Array = NOTHING;
  /** Bytes: how many, or at most how many. */
  #limit = 0;
  #searched = 0;

  get isUntilClose(): boolean {
    return this.#kind === 'until-close';
  }

  /** Whether it is complete without a single byte. */
  get isEmpty(): boolean {
    return this.#kind === 'bytes' && this.#limit === 0;
  }

  until(delimiter: Uint8Array, maxBytes: number): void {
    this.#kind = 'until';
    this.#delimiter = delimiter;
    this.#limit = maxBytes;
    this.#searched = 0;
  }

  bytes(bytes: number): void {
    this.#kind = 'bytes';
    this.#limit = bytes;
  }

  some(maxBytes: number): void {
    this.#kind = 'some';
    this.#limit = maxBytes;
  }

  untilClose(maxBytes: number): void {
    this.#kind = 'until-close';
    this.#limit = maxBytes;
  }

  /** How many of all bytes that have come so far complete the read, NOT_YET or NEVER. */
  match(bytes: Buffer): number {
    switch (this.#kind) {
      case 'until':
        return this.#matchDelimiter(bytes);
      case 'bytes':
        return bytes.length >= this.#limit ? this.#limit : NOT_YET;
      case 'some':
        return bytes.length > 0 ? Math.min(bytes.length, this.#limit) : NOT_YET;
      case 'until-close':
        return bytes.length >= this.#limit ? NEVER : NOT_YET;
    }
  }

  #matchDelimiter(bytes: Buffer): number {
    const { length } = this.#delimiter;
    // What was searched before is not searched again, except where a delimiter may have begun.
    const at = bytes.indexOf(this.#delimiter, Math.max(0, this.#searched - length + 1));
    if (at !== -1) return at + length <= this.#limit ? at + length : NEVER;
    this.#searched = bytes.length;
    return bytes.length >= this.#limit ? NEVER : NOT_YET;
  }
}
