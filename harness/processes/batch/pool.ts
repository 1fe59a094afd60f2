import { close, duplicateAtLeast, eventfd, moveAtLeast, WOULD_BLOCK } from '../../../pollers/libc/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import {
  accept,
  connectToLoopback,
  listenOnLoopback,
  resetOnClose,
  sendAtOnce,
  socketpair,
} from '../../../pollers/libc/sockets.js';
import type { SocketKind } from '../control/messages.js';
import { firstOwnFd } from '../file-table.js';
import type { FdNumbers } from './protocol.js';

/** The highest numbers stay free for experiments. */
const SPARE_FDS = 8;
/** Numbers between watched fds and peers, to work with; none where there are few. */
const roomBetween = (limit: number) => (limit < 256 ? 0 : 24);
/** A table for more fds than this costs memory that no experiment needs, and one listener has 28 000 ports. */
const MOST_USED_FDS = 2 ** 15;

/** Where a pool's sockets go under this limit on fds, from the first number on that is this process's own. */
export function fdNumbers(limit: number, first = firstOwnFd()): FdNumbers {
  const usable = Math.min(limit, MOST_USED_FDS);
  const pairable = usable - first - SPARE_FDS - roomBetween(usable);
  return { first, last: usable - 1, spare: SPARE_FDS, mostPairs: Math.max(0, Math.floor(pairable / 2)) };
}

/**
 * Distinct connected sockets, both ends in this process. The watched ends have consecutive numbers from `first` on, so
 * that the first N of the pool are the N lowest; the peers have the highest numbers, clear of those that select can
 * watch wherever the limit allows it.
 */
export class Pool {
  /** What makes a socket readable: one byte; for an eventfd, the number 1. */
  readonly message = allocate(8);
  readonly messageBytes: number;
  readonly #first: number;
  readonly #watched: number[] = [];
  readonly #peers: number[] = [];

  constructor(kind: SocketKind, size: number, { first, last, spare }: FdNumbers) {
    this.#first = first;
    const firstPeer = last + 1 - spare - size;
    const connect = kind === 'tcp' ? tcpPairs() : { pair: PAIRS[kind], done: () => {} };
    this.messageBytes = kind === 'eventfd' ? 8 : 1;
    new BigUint64Array(this.message.buffer)[0] = 1n;
    for (let index = 0; index < size; index++) {
      const [near, far] = connect.pair();
      this.#watched.push(moveTo(near, first + index));
      this.#peers.push(moveAtLeast(far, firstPeer));
    }
    connect.done();
  }

  get size(): number {
    return this.#watched.length;
  }

  /** The number of the socket at this index. @throws RangeError beyond the pool */
  fd(index: number): number {
    return this.#in(this.#watched, index);
  }

  /** The other end of the socket at this index. @throws RangeError beyond the pool */
  peer(index: number): number {
    return this.#in(this.#peers, index);
  }

  /** The index of the socket with this number, -1 when the pool has none. */
  indexOf(fd: number): number {
    return this.#watched[fd - this.#first] === fd ? fd - this.#first : -1;
  }

  #in(fds: readonly number[], index: number): number {
    const fd = fds[index];
    if (fd === undefined) {
      throw new RangeError(`the pool holds ${this.size} sockets; ${index + 1} were asked for`);
    }
    return fd;
  }

  /** Gives a socket another number. @throws Error when that number is taken */
  move(index: number, number: number): void {
    this.#watched[index] = moveTo(this.fd(index), number);
  }
}

/** Moves an open file to exactly this number. */
function moveTo(fd: number, number: number): number {
  if (fd === number) return fd;
  const moved = moveAtLeast(fd, number);
  if (moved === number) return moved;
  close(moved);
  throw new Error(`fd ${number} is taken already`);
}

/** The connection that has just been made: it may take the kernel a moment to queue it. */
function take(listener: number): number {
  for (;;) {
    const fd = accept(listener);
    if (fd !== WOULD_BLOCK) return fd;
  }
}

/** An eventfd is its own peer, under another number. */
function eventfdPair(): [number, number] {
  if (!eventfd) throw new Error(`${process.platform} has no eventfd`);
  const fd = eventfd();
  return [fd, duplicateAtLeast(fd, 0)];
}

const PAIRS = { unix: socketpair, eventfd: eventfdPair };

/** Loopback connections, made one at a time; closing them leaves no port in TIME_WAIT. */
function tcpPairs(): { pair(): [number, number]; done(): void } {
  const listener = listenOnLoopback();
  return {
    pair() {
      const far = connectToLoopback(listener.port);
      const near = take(listener.fd);
      resetOnClose(near);
      resetOnClose(far);
      // Otherwise a second message would wait until the first one was acknowledged.
      sendAtOnce(far);
      return [near, far];
    },
    done: () => close(listener.fd),
  };
}
