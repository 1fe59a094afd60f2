export type Callback = () => void;

const LEAST_PLACES = 16;

/** Callbacks in order of arrival. A ring, so that neither a callback nor a turn allocates anything. */
export class CallbackQueue {
  /** Its length is a power of two. */
  #ring = new Array<Callback | undefined>(LEAST_PLACES).fill(undefined);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(callback: Callback): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#size) & (this.#ring.length - 1)] = callback;
    this.#size++;
  }

  /** The one that has waited longest; there must be one. */
  take(): Callback {
    const at = this.#first;
    const callback = this.#ring[at] as Callback;
    this.#ring[at] = undefined;
    this.#first = (at + 1) & (this.#ring.length - 1);
    this.#size--;
    return callback;
  }

  clear(): void {
    this.#ring = new Array<Callback | undefined>(LEAST_PLACES).fill(undefined);
    this.#first = 0;
    this.#size = 0;
  }

  #grow(): void {
    const ring = this.#ring;
    const inOrder = [...ring.slice(this.#first), ...ring.slice(0, this.#first)];
    this.#ring = [...inOrder, ...new Array<undefined>(ring.length).fill(undefined)];
    this.#first = 0;
  }
}
