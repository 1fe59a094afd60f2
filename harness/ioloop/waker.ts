import { close, eventfd, read, WOULD_BLOCK, write } from '../../pollers/libc/linux/files.js';
import { allocate } from '../../pollers/libc/memory.js';

const COUNTER_BYTES = 8;

/**
 * An eventfd that ends a loop's sleep. Any thread or process that has the fd may write the eight bytes of the number 1
 * to it. Wakes that come before the loop has noticed the first one count as one.
 */
export class Waker {
  readonly fd = eventfd();
  readonly #one = allocate(COUNTER_BYTES);
  readonly #taken = allocate(COUNTER_BYTES);

  constructor() {
    new BigUint64Array(this.#one.buffer)[0] = 1n;
  }

  /** Harmless when the counter is full: the loop is to wake anyway. */
  wake(): void {
    write(this.fd, this.#one.address, COUNTER_BYTES);
  }

  /** Takes all wakes so far, and returns whether there were any. One read empties an eventfd. */
  consume(): boolean {
    return read(this.fd, this.#taken.address, COUNTER_BYTES) !== WOULD_BLOCK;
  }

  close(): void {
    close(this.fd);
  }
}
