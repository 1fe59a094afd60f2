import { threadCpuNs } from '../../../pollers/libc/clock.js';
import { close, moveAtLeast, read, write } from '../../../pollers/libc/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { accept, listenOnLoopback } from '../../../pollers/libc/sockets.js';
import { PollPoller } from '../../../pollers/poll.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import { costOfClockNs } from '../batch/cost-of-clock.js';
import { WAKE_ORDER_BYTES } from '../pinger/protocol.js';

const CONNECT_DEADLINE_MS = 10_000;
const inbox = allocate(4096);
const order = allocate(WAKE_ORDER_BYTES);
const orderWords = new Int32Array(order.buffer);

/**
 * Turns that sleep: another process wakes one of the watched fds at a given rate. Each turn is bracketed by two readings
 * of the thread's CPU clock, whose own cost, measured beforehand, is taken off.
 */
export class Sleeper {
  #listener: { fd: number; port: number } | null = null;
  #fd = -1;
  readonly #clockNs = costOfClockNs();
  readonly #number: number;

  /** The pinger's connection gets this fd number. */
  constructor(number: number) {
    this.#number = number;
  }

  listen(): number {
    this.#listener = listenOnLoopback(1);
    return this.#listener.port;
  }

  /** Takes the pinger's connection. @throws Error when nobody connects */
  accept(): void {
    if (!this.#listener) throw new Error('no listener for the pinger');
    const poller = new PollPoller();
    poller.register(this.#listener.fd, READ);
    if (poller.wait(CONNECT_DEADLINE_MS) === 0) throw new Error('the pinger has not connected');
    poller.close();
    const fd = accept(this.#listener.fd);
    close(this.#listener.fd);
    this.#listener = null;
    this.#fd = moveAtLeast(fd, this.#number);
  }

  /** The fd that the pinger writes to. @throws Error when there is no pinger */
  get fd(): number {
    if (this.#fd === -1) throw new Error('slept turns need a pinger, and none is connected');
    return this.#fd;
  }

  /**
   * Is woken `wakes` times. Wake-ups that merge, because a turn took longer than the interval, make fewer turns.
   * The watched fd is drained outside the bracket.
   */
  turns(
    poller: Poller,
    wakes: number,
    wakesPerSecond: number,
  ): { turns: number; cpuNs: number; messageNs: number; ready: number } {
    orderWords[0] = wakes;
    orderWords[1] = Math.round(1e6 / wakesPerSecond);
    write(this.#fd, order.address, WAKE_ORDER_BYTES);
    const isOneshot = poller.capabilities.trigger === 'oneshot';
    let turns = 0;
    let ready = 0;
    let cpuNs = 0;
    let messageNs = 0;
    for (let received = 0; received < wakes; ) {
      const before = threadCpuNs();
      const count = poller.wait(null);
      const woken = threadCpuNs();
      const bytes = read(this.#fd, inbox.address, 4096);
      messageNs += threadCpuNs() - woken - this.#clockNs;
      cpuNs += woken - before - this.#clockNs;
      turns++;
      ready += count;
      if (bytes === 0) throw new Error('the pinger is gone');
      if (bytes > 0) received += bytes;
      if (isOneshot) poller.modify(this.#fd, READ);
    }
    return { turns, cpuNs, messageNs, ready };
  }
}
