import { type Interest, PollerError } from './poller.js';

const MOST_FD = 2 ** 31 - 1;

/** Which fds are registered, and for what: the table that every poller keeps, and the place where misuse is noticed. */
export class Interests {
  #byFd = new Uint8Array(64);
  #size = 0;
  #open = true;
  readonly #poller: string;
  readonly #maxFd: number;

  constructor(poller: string, maxFd: number) {
    this.#poller = poller;
    this.#maxFd = maxFd;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#byFd.byteLength;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The interest of an fd, 0 when it is not registered. */
  of(fd: number): Interest | 0 {
    return (this.#byFd[fd] ?? 0) as Interest | 0;
  }

  add(fd: number, interest: Interest): void {
    this.assertOpen(fd);
    if (!Number.isInteger(fd) || fd < 0 || fd > MOST_FD) {
      throw new PollerError('INVALID_FD', fd, `${this.#poller}: ${fd} is not a file descriptor`);
    }
    this.#assertInterest(fd, interest);
    if (fd > this.#maxFd) {
      throw new PollerError(
        'FD_TOO_LARGE',
        fd,
        `${this.#poller}: fd ${fd} is above the largest that fits, ${this.#maxFd}; use poll, epoll or select-wide`,
      );
    }
    if (this.of(fd) !== 0) {
      throw new PollerError(
        'ALREADY_REGISTERED',
        fd,
        `${this.#poller}: fd ${fd} is already registered; was an older file with that number closed without unregister?`,
      );
    }
    if (fd >= this.#byFd.length) this.#byFd = grown(this.#byFd, fd + 1);
    this.#byFd[fd] = interest;
    this.#size++;
  }

  /** Returns the interest that was replaced. */
  replace(fd: number, interest: Interest): Interest {
    this.assertOpen(fd);
    this.#assertInterest(fd, interest);
    const before = this.#registered(fd);
    this.#byFd[fd] = interest;
    return before;
  }

  /** Returns the interest that was removed. */
  remove(fd: number): Interest {
    this.assertOpen(fd);
    const before = this.#registered(fd);
    this.#byFd[fd] = 0;
    this.#size--;
    return before;
  }

  *[Symbol.iterator](): Generator<[fd: number, interest: Interest]> {
    for (let fd = 0; fd < this.#byFd.length; fd++) {
      const interest = this.of(fd);
      if (interest !== 0) yield [fd, interest];
    }
  }

  close(): void {
    this.#open = false;
    this.#byFd.fill(0);
    this.#size = 0;
  }

  assertOpen(fd = -1): void {
    if (!this.#open) this.#refuseClosed(fd);
  }

  /** Apart, so that V8 makes one function of a wait that asks. */
  #refuseClosed(fd: number): never {
    throw new PollerError('CLOSED', fd, `${this.#poller}: the poller is closed`);
  }

  #registered(fd: number): Interest {
    const interest = this.of(fd);
    if (interest === 0) {
      throw new PollerError('NOT_REGISTERED', fd, `${this.#poller}: fd ${fd} is not registered`);
    }
    return interest;
  }

  #assertInterest(fd: number, interest: number): void {
    if (interest !== 1 && interest !== 2 && interest !== 3) {
      throw new PollerError(
        'INVALID_INTEREST',
        fd,
        `${this.#poller}: interest ${interest} of fd ${fd} is none of READ, WRITE, READ | WRITE; to pause an fd, unregister it`,
      );
    }
  }
}

/** A copy with room for at least `length` elements, at least twice as long as before. */
export function grown<T extends Uint8Array | Int32Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
