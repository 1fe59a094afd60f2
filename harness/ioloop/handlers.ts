import { grown } from '../../pollers/interests.js';
import { ERROR, type Interest } from '../../pollers/poller.js';

/** Told which fd is ready and for what: bits of its interest, and ERROR. */
export type Handler = (fd: number, events: number) => void;

/** By so many bits the mask of a newcomer is off, and none of its bits is an event's. */
const OFF = 4;

/**
 * Who is responsible for which fd, and for which of its events: a word and a byte each, so that an event of one fd among
 * thousands touches little memory.
 */
export class Handlers {
  readonly #byFd: (Handler | undefined)[] = [];
  /** Interest and ERROR. */
  #masks = new Uint8Array(64);
  /** Who came while the events of a ready set are handed out: none of these is theirs. */
  readonly #newcomers: number[] = [];
  #handsOut = false;

  /** Whoever is told of the fd's events; absent where `maskOf` is 0. */
  of(fd: number): Handler | undefined {
    return this.#byFd[fd];
  }

  /**
   * The events that the fd's handler is told of. None where there is no handler, and none of an fd that a newcomer has: they
   * are those of an older file.
   */
  maskOf(fd: number): number {
    return this.#masks[fd] as number;
  }

  set(fd: number, handler: Handler, interest: Interest): void {
    const byFd = this.#byFd;
    // Without gaps, or V8 makes a hash table of it.
    while (byFd.length <= fd) byFd.push(undefined);
    byFd[fd] = handler;
    if (fd >= this.#masks.length) this.#masks = grown(this.#masks, fd + 1);
    if (this.#handsOut) this.#newcomers.push(fd);
    this.#masks[fd] = (interest | ERROR) << (this.#handsOut ? OFF : 0);
  }

  /** Replaces the interest of an fd, if it has a handler. */
  setInterest(fd: number, interest: Interest): void {
    if (this.#byFd[fd] === undefined) return;
    const isNewcomer = (this.#masks[fd] as number) >> OFF !== 0;
    this.#masks[fd] = (interest | ERROR) << (isNewcomer ? OFF : 0);
  }

  /** Returns whether there was one. */
  delete(fd: number): boolean {
    if (this.#byFd[fd] === undefined) return false;
    this.#byFd[fd] = undefined;
    this.#masks[fd] = 0;
    return true;
  }

  /** The events of a ready set are handed out from now on. */
  begin(): void {
    this.#handsOut = true;
  }

  /** All of a ready set was handed out: what comes next is also for those who came meanwhile. */
  end(): void {
    this.#handsOut = false;
    if (this.#newcomers.length > 0) this.#takeIn();
  }

  #takeIn(): void {
    const newcomers = this.#newcomers;
    const masks = this.#masks;
    // One that went and came again stands here twice.
    for (const fd of newcomers)
      if ((masks[fd] as number) >> OFF !== 0) masks[fd] = (masks[fd] as number) >> OFF;
    newcomers.length = 0;
  }

  /** All fds, in ascending order. */
  fds(): number[] {
    const fds: number[] = [];
    for (const [fd, handler] of this.#byFd.entries()) if (handler) fds.push(fd);
    return fds;
  }

  clear(): void {
    this.#byFd.length = 0;
    this.#masks.fill(0);
  }
}
