export type Callback = () => void;

/** Callbacks in order of arrival, run a turn at a time. Two arrays take turns, so that a turn allocates nothing. */
export class CallbackQueue {
  #arriving: (Callback | undefined)[] = [];
  #leaving: (Callback | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(callback: Callback): void {
    this.#arriving[this.#size++] = callback;
  }

  /** Passes on what has arrived before this call; what arrives meanwhile waits for the next one. */
  drain(run: (callback: Callback) => void): void {
    const leaving = this.#arriving;
    const count = this.#size;
    this.#arriving = this.#leaving;
    this.#leaving = leaving;
    this.#size = 0;
    for (let i = 0; i < count; i++) {
      const callback = leaving[i] as Callback;
      // Emptied one by one: an array that is cut to length 0 gives its memory back.
      leaving[i] = undefined;
      run(callback);
    }
  }

  clear(): void {
    this.#arriving = [];
    this.#leaving = [];
    this.#size = 0;
  }
}
