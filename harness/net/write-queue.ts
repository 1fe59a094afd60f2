interface Entry<C> {
  readonly bytes: Uint8Array;
  readonly callback: C | undefined;
}

/** What the kernel would not take yet, in order. */
export class WriteQueue<C> {
  readonly #entries: Entry<C>[] = [];
  /** The first entry that is not written yet; those before it wait to be cut off. */
  #first = 0;
  /** Bytes of the first entry that are written. */
  #offset = 0;
  #size = 0;

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Whether nothing waits, not even the callback of an empty write. */
  get isEmpty(): boolean {
    return this.#first === this.#entries.length;
  }

  /** The bytes are copied: they may be a view of what was just received. */
  push(bytes: Uint8Array, callback: C | undefined): void {
    // Not `slice`, which in a Buffer copies nothing.
    this.#entries.push({ bytes: new Uint8Array(bytes), callback });
    this.#size += bytes.length;
  }

  /** Copies as much of the front as the block holds, many small writes as one, and returns how much that is. */
  fill(block: Uint8Array): number {
    let filled = 0;
    let offset = this.#offset;
    for (let at = this.#first; at < this.#entries.length && filled < block.length; at++) {
      const { bytes } = this.#entries[at] as Entry<C>;
      const end = Math.min(bytes.length, offset + block.length - filled);
      block.set(offset === 0 && end === bytes.length ? bytes : bytes.subarray(offset, end), filled);
      filled += end - offset;
      offset = 0;
    }
    return filled;
  }

  /** So many bytes are written; `done` gets the callbacks of the writes that are complete by that. */
  advance(bytes: number, done: (callback: C) => void): void {
    this.#size -= bytes;
    let left = bytes + this.#offset;
    while (!this.isEmpty) {
      const entry = this.#entries[this.#first] as Entry<C>;
      if (entry.bytes.length > left) break;
      left -= entry.bytes.length;
      this.#first++;
      if (entry.callback !== undefined) done(entry.callback);
    }
    this.#offset = left;
    if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** Drops everything; `dropped` gets the callbacks. */
  clear(dropped: (callback: C) => void): void {
    for (const { callback } of this.#entries.slice(this.#first)) {
      if (callback !== undefined) dropped(callback);
    }
    this.#entries.length = 0;
    this.#first = 0;
    this.#offset = 0;
    this.#size = 0;
  }
}
