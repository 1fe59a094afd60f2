import type { Interest } from '../../pollers/poller.js';

/** Told which fd is ready and for what: bits of its interest, and ERROR. */
export type Handler = (fd: number, events: number) => void;

/** One fd from `addHandler` to `removeHandler`. */
export interface Registration {
  readonly handler: Handler;
  /** Larger than that of every registration before. */
  readonly serial: number;
  interest: Interest;
}

/** Who is responsible for which fd. */
export class Handlers {
  readonly #byFd: (Registration | undefined)[] = [];
  #serial = 0;

  /** The serial of the latest registration. */
  get serial(): number {
    return this.#serial;
  }

  of(fd: number): Registration | undefined {
    return this.#byFd[fd];
  }

  set(fd: number, handler: Handler, interest: Interest): void {
    const byFd = this.#byFd;
    // Without gaps, or V8 makes a hash table of it.
    while (byFd.length <= fd) byFd.push(undefined);
    byFd[fd] = { handler, serial: ++this.#serial, interest };
  }

  /** Returns whether there was one. */
  delete(fd: number): boolean {
    if (this.#byFd[fd] === undefined) return false;
    this.#byFd[fd] = undefined;
    return true;
  }

  /** All fds, in ascending order. */
  fds(): number[] {
    const fds: number[] = [];
    for (const [fd, registration] of this.#byFd.entries()) if (registration) fds.push(fd);
    return fds;
  }

  clear(): void {
    this.#byFd.length = 0;
  }
}
