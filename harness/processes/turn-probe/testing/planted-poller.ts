import { EpollPoller } from '../../../../pollers/epoll.js';
import { monotonicNs } from '../../../../pollers/libc/linux/clock.js';
import type { Interest, Poller } from '../../../../pollers/poller.js';

/** What each turn shall cost, in ns, on top of a plain epoll turn. */
export interface Plant {
  readonly perCall: number;
  readonly perWatched: number;
  readonly perReady: number;
  readonly perFdNumber: number;
  /** What its buffers shall take, in bytes. */
  readonly bytes: number;
  readonly bytesPerWatched: number;
}

/** A poller whose costs are known, because it burns them: what the harness says of it can be checked. */
export class PlantedPoller implements Poller {
  readonly name: string;
  readonly #inner = new EpollPoller();
  readonly #plant: Plant;
  #highest = 0;

  constructor(name: string, plant: Plant) {
    this.name = name;
    this.#plant = plant;
  }

  get capabilities() {
    return this.#inner.capabilities;
  }
  get size() {
    return this.#inner.size;
  }
  get readyFds() {
    return this.#inner.readyFds;
  }
  get readyEvents() {
    return this.#inner.readyEvents;
  }
  get fdsExamined() {
    return this.#inner.fdsExamined;
  }

  register(fd: number, interest: Interest): void {
    this.#inner.register(fd, interest);
    this.#highest = Math.max(this.#highest, fd);
  }
  modify(fd: number, interest: Interest): void {
    this.#inner.modify(fd, interest);
  }
  unregister(fd: number): void {
    this.#inner.unregister(fd);
  }
  interestOf(fd: number): Interest | 0 {
    return this.#inner.interestOf(fd);
  }

  wait(timeoutMs: number | null): number {
    const from = monotonicNs();
    const ready = this.#inner.wait(timeoutMs);
    const { perCall, perWatched, perReady, perFdNumber } = this.#plant;
    const until = from + perCall + perWatched * this.size + perReady * ready + perFdNumber * this.#highest;
    while (monotonicNs() < until);
    return ready;
  }

  userBytes(): number {
    return this.#plant.bytes + this.#plant.bytesPerWatched * this.size;
  }
  close(): void {
    this.#inner.close();
  }
}
