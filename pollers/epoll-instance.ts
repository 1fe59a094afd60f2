import { EBADF, EPERM, settled } from './libc/call.js';
import { close } from './libc/descriptors.js';
import { EPOLL_DATA_OFFSET, EPOLL_EVENT_BYTES } from './libc/linux/layout.js';
import { createEpoll, epollCtlCall } from './libc/linux/polling.js';
import { allocate } from './libc/memory.js';

export const EVENT_WORDS = EPOLL_EVENT_BYTES / 4;
/** Where an event holds what `epoll_data` was given: two words. */
export const FD_WORD = EPOLL_DATA_OFFSET / 4;
export const TAG_WORD = FD_WORD + 1;

/** What the kernel says of an fd that was closed, or whose number now belongs to a file that cannot be watched. */
export const isGone = (errno: number): boolean => errno === EBADF || errno === EPERM;

/** What an epoll instance is told: which events of an fd, and the tag that comes back with them. */
export class EpollInstance {
  #fd = createEpoll();
  readonly #event = allocate(EPOLL_EVENT_BYTES);
  readonly #words = new Int32Array(this.#event.buffer);

  get fd(): number {
    return this.#fd;
  }

  get bytes(): number {
    return this.#event.buffer.byteLength;
  }

  /** Returns 0, or the errno with which the kernel refused. */
  control(operation: number, fd: number, events: number, tag: number): number {
    const words = this.#words;
    words[0] = events;
    words[FD_WORD] = fd;
    words[TAG_WORD] = tag;
    return epollCtlCall(this.#fd, operation, fd, this.#event.address) === -1
      ? this.#refused(operation, fd)
      : 0;
  }

  /** Replaces the kernel's instance by an empty one. */
  renew(): void {
    // Closed first: at the fd limit there is no room for both.
    this.close();
    this.#fd = createEpoll();
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd !== -1) close(fd);
  }

  /** Apart from what succeeds, so that V8 makes no closure there. */
  #refused(operation: number, fd: number): number {
    const again = () => epollCtlCall(this.#fd, operation, fd, this.#event.address);
    return -settled(again);
  }
}
