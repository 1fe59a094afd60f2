import { grown } from '../../../pollers/interests.js';
import { close } from '../../../pollers/libc/linux/files.js';
import { READ } from '../../../pollers/poller.js';
import type { Handler } from '../../ioloop/handlers.js';
import type { IOLoop } from '../../ioloop/ioloop.js';

export const LOST = -1;

/**
 * The connections that are held, by number in the order in which they were made. Two numbers each: with an object for
 * each, thousands would not fit the memory that they are allowed.
 */
export class Connections {
  /** How many were made, the lost ones among them. */
  count = 0;
  /** How many are held. */
  held = 0;
  /** Above every fd so far. */
  fdsEnd = 0;

  readonly #loop: IOLoop;
  readonly #onReadable: Handler;
  #fds = new Int32Array(1024);
  #numbers = new Int32Array(1024);

  /** `onReadable` hears of bytes and of the end of any of them. */
  constructor(loop: IOLoop, onReadable: Handler) {
    this.#loop = loop;
    this.#onReadable = onReadable;
  }

  add(fd: number): void {
    this.#loop.addHandler(fd, this.#onReadable, READ);
    if (this.count >= this.#fds.length) this.#fds = grown(this.#fds, this.count + 1);
    if (fd >= this.#numbers.length) this.#numbers = grown(this.#numbers, fd + 1);
    if (fd >= this.fdsEnd) this.fdsEnd = fd + 1;
    this.#fds[this.count] = fd;
    this.#numbers[fd] = this.count++;
    this.held++;
  }

  /** The fd of a connection, or LOST. */
  fdOf(number: number): number {
    return this.#fds[number] as number;
  }

  /** Closes it. Its number stays taken. */
  drop(fd: number): void {
    this.#loop.removeHandler(fd);
    close(fd);
    this.#fds[this.#numbers[fd] as number] = LOST;
    this.held--;
  }

  /** Closes those that were made last, until no more than so many are held; the numbers of those at the end are free again. */
  keep(most: number): void {
    for (; this.held > most; this.count--) {
      const fd = this.fdOf(this.count - 1);
      if (fd !== LOST) this.drop(fd);
    }
  }
}
