const LEAST_BYTES = 1024;

/** Bytes that came and were not asked for yet. It grows by doubling, so that a long line costs linear time. */
export class ReadBuffer {
  #bytes: Buffer;
  #start = 0;
  #end = 0;

  constructor(bytes: Buffer) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(LEAST_BYTES, bytes.length));
    this.append(bytes);
  }

  get size(): number {
    return this.#end - this.#start;
  }

  append(bytes: Buffer): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** All of it, until the next `append`. */
  view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Removes bytes from the front; they hold until the next `append`. */
  take(bytes: number): Buffer {
    const from = this.#start;
    this.#start += bytes;
    return this.#bytes.subarray(from, this.#start);
  }

  #makeRoom(bytes: number): void {
    const { size } = this;
    const old = this.#bytes;
    // Moved to the front only when at least half is free: otherwise each of many appends could move it all.
    if ((size + bytes) * 2 > old.length) this.#bytes = Buffer.allocUnsafeSlow((size + bytes) * 2);
    old.copy(this.#bytes, 0, this.#start, this.#end);
    this.#start = 0;
    this.#end = size;
  }
}
