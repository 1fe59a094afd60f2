import { readFileSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { SyscallError } from '../../../pollers/libc/call.js';
import { close } from '../../../pollers/libc/linux/files.js';
import {
  connectFrom,
  connectTo,
  openTcpSocket,
  resetOnClose,
  sendAtOnce,
  takeSocketError,
} from '../../../pollers/libc/linux/sockets.js';
import { WRITE } from '../../../pollers/poller.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import type { Timeout } from '../../ioloop/timers.js';
import type { Connections } from './connections.js';
import { SOURCES, sourceOf } from './sources.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Connections from one source address before the next one is used. */
  readonly perSource: number;
}

/** A backlog of this size is no hardship for any server. */
const MOST_IN_FLIGHT = 128;
const PATIENCE_MS = 10_000;

/** What keeps a server on this machine from having so many wait, where that is so. */
function shortBacklog(): string {
  const most = Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'));
  return most < MOST_IN_FLIGHT ? ` (net.core.somaxconn lets ${most} wait until a server accepts them)` : '';
}

/** Makes so many connections, a bounded number of them at the same time. */
export class RampUp {
  readonly #loop: IOLoop;
  readonly #connections: Connections;
  readonly #target: Target;
  readonly #onOver: (failure: Error | null) => void;
  readonly #inFlight = new Set<number>();
  #left: number;
  #skippedSources = 0;
  #patience: Timeout | undefined;
  #heldBefore = -1;

  constructor(
    loop: IOLoop,
    connections: Connections,
    target: Target,
    wanted: number,
    onOver: (failure: Error | null) => void,
  ) {
    this.#loop = loop;
    this.#connections = connections;
    this.#target = target;
    this.#left = wanted;
    this.#onOver = onOver;
  }

  start(): void {
    this.#watchProgress();
    this.#goOn();
  }

  #goOn(): void {
    try {
      while (this.#left > 0 && this.#inFlight.size < MOST_IN_FLIGHT) {
        this.#left--;
        this.#open();
      }
    } catch (error) {
      this.#end(this.#failure(error instanceof SyscallError ? error.code : (error as Error).message));
      return;
    }
    if (this.#left === 0 && this.#inFlight.size === 0) this.#end(null);
  }

  #open(): void {
    const { host, port, perSource } = this.#target;
    for (;;) {
      const number = this.#connections.count + this.#inFlight.size;
      const source = sourceOf(host, number, perSource, this.#skippedSources);
      const fd = openTcpSocket();
      try {
        sendAtOnce(fd);
        // Else the port of each would stay taken for a minute after the end.
        resetOnClose(fd);
        if (source !== null) connectFrom(fd, source);
        connectTo(fd, host, port);
        this.#loop.addHandler(fd, this.#onWritable, WRITE);
        this.#inFlight.add(fd);
        return;
      } catch (error) {
        close(fd);
        const isShortOfPorts = error instanceof SyscallError && error.code === 'EADDRNOTAVAIL';
        if (!isShortOfPorts || source === null || ++this.#skippedSources >= SOURCES) throw error;
      }
    }
  }

  /** Made, or failed. */
  readonly #onWritable = (fd: number): void => {
    const errno = takeSocketError(fd);
    if (errno !== 0) {
      this.#end(this.#failure(getSystemErrorName(-errno)));
      return;
    }
    this.#loop.removeHandler(fd);
    this.#inFlight.delete(fd);
    try {
      this.#connections.add(fd);
    } catch (error) {
      close(fd);
      this.#end(this.#failure((error as Error).message));
      return;
    }
    this.#goOn();
  };

  #watchProgress(): void {
    if (this.#connections.count === this.#heldBefore) {
      this.#end(this.#failure(`no further one was made within ${PATIENCE_MS / 1000} s${shortBacklog()}`));
      return;
    }
    this.#heldBefore = this.#connections.count;
    this.#patience = this.#loop.callLater(PATIENCE_MS, () => this.#watchProgress());
  }

  #failure(why: string): Error {
    const { host, port } = this.#target;
    return new Error(`connection ${this.#connections.count + 1} to ${host}:${port} failed: ${why}`);
  }

  #end(failure: Error | null): void {
    if (this.#patience) this.#loop.removeTimeout(this.#patience);
    for (const fd of this.#inFlight) {
      this.#loop.removeHandler(fd);
      close(fd);
    }
    this.#inFlight.clear();
    this.#onOver(failure);
  }
}
