import { availableParallelism } from 'node:os';
import { SyscallError } from '../../pollers/libc/call.js';
import { close } from '../../pollers/libc/linux/files.js';
import {
  type ListenOptions,
  listenOn,
  localAddress,
  type SocketAddress,
  sendAtOnce,
  shareAddress,
} from '../../pollers/libc/linux/sockets.js';
import type { IOLoop } from '../ioloop/ioloop.js';
import { IOStream } from './iostream.js';
import { Listener, type ListenerOptions } from './listener.js';
import { PerLoop } from './per-loop.js';
import { type StreamOptions, StreamSettings } from './stream-options.js';
import { type SeveralOptions, Supervisor } from './supervisor.js';
import { task } from './task.js';

export interface TCPServerOptions extends StreamOptions, ListenerOptions, ListenOptions {
  /** TCP_NODELAY on every connection; true unless said otherwise. */
  readonly noDelay?: boolean;
}

/** An address that nobody can listen on, with the errno's name as `code`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string;

  constructor(host: string, port: number, cause: SyscallError) {
    super(`cannot listen on ${host}:${port}: ${cause.code}`, { cause });
    this.code = cause.code;
  }
}

/** Tornado's TCPServer: override `handleStream`. */
export class TCPServer {
  readonly loop: IOLoop;
  readonly #options: TCPServerOptions;
  readonly #settings: StreamSettings;
  readonly #listeners: Listener[] = [];
  #bound: number[] = [];

  constructor(loop: IOLoop, options: TCPServerOptions = {}) {
    this.loop = loop;
    this.#options = options;
    this.#settings = new StreamSettings(options);
  }

  /** Gets every new connection. If it throws, that connection is closed, and the error goes to the loop's sink. */
  handleStream(_stream: IOStream): void {
    throw new Error('override handleStream');
  }

  /** Connections that were closed at once for want of fds, or because the poller refused them. */
  get shed(): number {
    return this.#listeners.reduce((sum, { shed }) => sum + shed, 0);
  }

  get accepted(): number {
    return this.#listeners.reduce((sum, { accepted }) => sum + accepted, 0);
  }

  /** Where it listens, in the order of the calls; with port 0, the ports that the kernel chose. */
  get addresses(): SocketAddress[] {
    return [...this.#listeners.filter(({ isClosed }) => !isClosed).map(({ fd }) => fd), ...this.#bound].map(
      localAddress,
    );
  }

  /** Listens and accepts; returns the port. @throws RangeError, ListenError; as `IOLoop.addHandler` */
  listen(port: number, host = '127.0.0.1'): number {
    const fd = this.#open(port, host);
    this.addSockets([fd]);
    return localAddress(fd).port;
  }

  /** Listens, and accepts from `start` on; may be repeated. Returns the port. @throws RangeError, ListenError */
  bind(port: number, host = '127.0.0.1'): number {
    const fd = task ? task.takeSocket(port) : this.#open(port, host);
    this.#bound.push(fd);
    return localAddress(fd).port;
  }

  /**
   * Accepts on everything that is bound; with `processes` other than 1 in so many processes, 0: one for each CPU. Node
   * cannot fork, so the first process runs its own program again for each of them, with the same arguments. In those
   * `bind` and `start` do what they say. In the first one `start` does not return: it supervises. One that dies is
   * reported on stderr and replaced, a bounded number of times; one that ends with code 0 is not, and after the last of
   * those the first one ends with code 0, too. When the first one ends, however that happens, all do.
   *
   * Each process has a socket of its own (SO_REUSEPORT), so that a connection wakes one of them. The first one opened
   * them all and keeps them: what waits there while a process is being replaced is not lost.
   *
   * @throws as `addSockets`; RangeError; Error when too many died, after the others were ended
   */
  start(processes = 1, options: SeveralOptions = {}): void {
    if (!(Number.isInteger(processes) && processes >= 0))
      throw new RangeError(`cannot start ${processes} processes`);
    const fds = this.#bound;
    this.#bound = [];
    if (processes !== 1 && !task) {
      const count = processes || availableParallelism();
      const sockets = fds.map((fd) => this.#spread(fd, count));
      new Supervisor(
        Array.from({ length: count }, (_, id) => sockets.map((each) => each[id] as number)),
        options,
      ).run();
      process.exit(0);
    }
    this.addSockets(fds);
    if (processes !== 1) task?.begin(this.loop);
  }

  /** Accepts on sockets that listen already and do not block; they belong to the server. @throws as `IOLoop.addHandler` */
  addSockets(fds: readonly number[]): void {
    for (const fd of fds) {
      const listener = new Listener(this.loop, fd, this.#onConnection, this.#options);
      try {
        listener.start();
      } catch (error) {
        listener.close();
        throw error;
      }
      this.#listeners.push(listener);
    }
  }

  /** Accepts nothing any more; open streams go on, and what waits in the kernel is reset. Harmless when repeated. */
  stop(): void {
    for (const listener of this.#listeners) listener.close();
    this.#bound.forEach(close);
    this.#bound = [];
  }

  /** So many sockets on the address of this one, itself the first. Nobody else listens there: it was bound without sharing. */
  #spread(fd: number, count: number): number[] {
    const { host, port } = localAddress(fd);
    shareAddress(fd);
    const others = Array.from({ length: count - 1 }, () => this.#open(port, host, true));
    return [fd, ...others];
  }

  #open(port: number, host: string, reusePort = this.#options.reusePort ?? false): number {
    try {
      const fd = listenOn(host, port, { ...this.#options, reusePort });
      // Connections have it from their listener: one call instead of one for each.
      if (this.#options.noDelay ?? true) sendAtOnce(fd);
      return fd;
    } catch (error) {
      if (error instanceof SyscallError) throw new ListenError(host, port, error);
      throw error;
    }
  }

  readonly #onConnection = (fd: number): boolean => {
    const stream = new IOStream(this.loop, fd, this.#settings);
    if (!stream.watch()) return false;
    try {
      this.handleStream(stream);
    } catch (error) {
      stream.close(error);
      PerLoop.of(this.loop).report(error);
    }
    return true;
  };
}
