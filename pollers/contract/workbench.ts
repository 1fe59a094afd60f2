import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { allocate } from '../libc/memory.js';
import { ERROR, type Interest, type Poller, type PollerOptions } from '../poller.js';
import type { ContractSubject } from './subject.js';
import {
  accept,
  close,
  connectToLoopback,
  duplicateAtLeast,
  endProcessIn,
  fdLimit,
  isOpen,
  listenOnLoopback,
  makeEventfd,
  monotonicNs,
  OPEN_FDS,
  openForReading,
  pipe,
  read,
  resetOnClose,
  setNonBlocking,
  socketpair,
  startConnecting,
  WOULD_BLOCK,
  write,
} from './system.js';

/** Far more than anything here takes on a busy machine; only a defect waits so long. */
const PATIENCE_MS = 5000;

/** A wait that should return and does not would hang for ever: no JavaScript runs meanwhile, no test runner's timeout. */
const MOST_SECONDS = 120;

const BUFFER_BYTES = 65_536;
const buffer = allocate(BUFFER_BYTES);
const bytes = Buffer.from(buffer.buffer);
const counter = allocate(8);
const counterWords = new BigUint64Array(counter.buffer);

/** The workbench of one test: it opens pollers and files, and closes whatever the test has left open. */
export class Workbench {
  readonly #subject: ContractSubject;
  readonly #pollers: Poller[] = [];
  readonly #fds = new Set<number>();
  readonly #children: ChildProcess[] = [];

  constructor(subject: ContractSubject) {
    this.#subject = subject;
    endProcessIn(MOST_SECONDS);
  }

  poller(options: PollerOptions = {}): Poller {
    return this.#kept(this.#subject.create(options));
  }

  /** An eventfd whose counter is 0: not readable, writable. Where there is none, a socket that its peer makes so. */
  eventfd(): number {
    if (makeEventfd !== null && !this.#subject.withoutEventfd) return this.own(makeEventfd());
    const [near, far] = socketpair();
    peerOf.set(near, this.own(far));
    return this.own(near);
  }

  /** An eventfd that is readable and writable, for ever as far as nobody reads it. */
  raisedEventfd(): number {
    const fd = this.eventfd();
    raise(fd);
    return fd;
  }

  /** An eventfd whose counter is full: readable, not writable. */
  fullEventfd(): number {
    const fd = this.eventfd();
    raise(fd, 2n ** 64n - 2n);
    return fd;
  }

  /** As many as asked for, or as this poller and the fd limit (Node has raised it as far as it may) have room for. */
  eventfds(most: number, poller: Poller, make: () => number = () => this.eventfd()): number[] {
    const each = makeEventfd === null || this.#subject.withoutEventfd ? 2 : 1;
    const room = Math.floor((fdLimit().soft - openFds().length - 32) / each);
    const fds: number[] = [];
    while (fds.length < Math.min(most, room)) {
      const fd = make();
      if (fd > poller.capabilities.maxFd) {
        this.close(fd);
        break;
      }
      fds.push(fd);
    }
    return fds;
  }

  /** A connected pair of unix stream sockets. */
  pair(): [number, number] {
    const [one, other] = socketpair();
    return [this.own(one), this.own(other)];
  }

  /** [read end, write end]. */
  pipe(): [number, number] {
    const [readEnd, writeEnd] = pipe();
    return [this.own(readEnd), this.own(writeEnd)];
  }

  /** A TCP connection over loopback: [server's end, client's end], both non-blocking. */
  tcp(): [number, number] {
    const listener = listenOnLoopback();
    this.own(listener.fd);
    const client = this.own(connectToLoopback(listener.port));
    setNonBlocking(client);
    const deadline = monotonicNs() + PATIENCE_MS * 1e6;
    let server = accept(listener.fd);
    while (server === WOULD_BLOCK && monotonicNs() < deadline) server = accept(listener.fd);
    assert.notEqual(server, WOULD_BLOCK, 'the connection did not reach the listener');
    this.close(listener.fd);
    return [this.own(server), client];
  }

  /** A TCP connection that is being tried and that nobody accepts. */
  refusedConnection(): number {
    const listener = listenOnLoopback();
    close(listener.fd);
    return this.own(startConnecting(listener.port));
  }

  regularFile(): number {
    return this.own(openForReading(process.execPath));
  }

  /** The number of a file that was closed again; nothing else takes it, because it is out of the way. */
  closedFd(): number {
    const fd = this.eventfd();
    const number = this.duplicate(fd, 120);
    this.close(number);
    return number;
  }

  /** A duplicate at the lowest free number from `least` on. */
  duplicate(fd: number, least = 0): number {
    const duplicate = this.own(duplicateAtLeast(fd, least));
    const peer = peerOf.get(fd);
    if (peer !== undefined) peerOf.set(duplicate, peer);
    return duplicate;
  }

  /** Moves an open file to exactly that number, which must be free or its own. */
  moveTo(fd: number, number: number): number {
    if (fd === number) return fd;
    const moved = this.duplicate(fd, number);
    assert.equal(moved, number, `fd ${number} is taken`);
    this.close(fd);
    return moved;
  }

  own(fd: number): number {
    this.#fds.add(fd);
    return fd;
  }

  close(fd: number): void {
    this.#fds.delete(fd);
    peerOf.delete(fd);
    close(fd);
  }

  /** A close that the peer sees as a reset. */
  reset(fd: number): void {
    resetOnClose(fd);
    this.close(fd);
  }

  /** Runs a shell script in a second process, with its output going to an fd; it is killed at the end of the test. */
  shell(script: string, output?: number): void {
    this.#children.push(spawn('sh', ['-c', script], { stdio: ['ignore', output ?? 'ignore', 'ignore'] }));
  }

  async clear(): Promise<void> {
    for (const poller of this.#pollers) poller.close();
    for (const fd of this.#fds) close(fd);
    peerOf.clear();
    await this.endShells();
    endProcessIn(0);
  }

  async endShells(): Promise<void> {
    for (const child of this.#children) {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await ended;
    }
  }

  #kept(poller: Poller): Poller {
    this.#pollers.push(poller);
    return poller;
  }
}

/** Of what stands for an eventfd: the socket that makes it readable. */
const peerOf = new Map<number, number>();

/** Adds to an eventfd's counter: to its end, unless it is little. */
export function raise(fd: number, by = 1n): void {
  const peer = peerOf.get(fd);
  if (peer !== undefined) {
    // Where no more fits it is readable already.
    write(peer, buffer.address, 1);
    if (by > 1n) fill(fd);
    return;
  }
  counterWords[0] = by;
  assert.equal(write(fd, counter.address, 8), 8);
}

/** Takes an eventfd's counter back to 0. */
export function lower(fd: number): void {
  const peer = peerOf.get(fd);
  if (peer !== undefined) {
    for (const end of [fd, peer]) while (read(end, buffer.address, BUFFER_BYTES) !== WOULD_BLOCK);
    return;
  }
  assert.equal(read(fd, counter.address, 8), 8);
}

export function send(fd: number, text: string): void {
  assert.equal(write(fd, buffer.address, bytes.write(text)), text.length);
}

/** Writes until the kernel takes no more. */
export function fill(fd: number): void {
  while (write(fd, buffer.address, BUFFER_BYTES) !== WOULD_BLOCK);
}

/** Fills a connection that the poller watches, and goes on until the kernel has found no more room for it anywhere. */
export function fillForGood(poller: Poller, fd: number): void {
  const deadline = monotonicNs() + PATIENCE_MS * 1e6;
  do {
    fill(fd);
    assert.ok(monotonicNs() < deadline, `it is reported as ready for ${PATIENCE_MS} ms while it is full`);
  } while (poller.wait(10) > 0);
}

/** What can be read now, '' at the end of the file. */
export function receive(fd: number, most = BUFFER_BYTES): string | typeof WOULD_BLOCK {
  const count = read(fd, buffer.address, most);
  return count === WOULD_BLOCK ? WOULD_BLOCK : bytes.toString('latin1', 0, count);
}

/** One wait: what each fd was reported with. */
export function readySet(poller: Poller, timeoutMs: number | null = 0): Map<number, number> {
  const count = poller.wait(timeoutMs);
  const room = Math.min(poller.readyFds.length, poller.readyEvents.length);
  assert.ok(
    Number.isInteger(count) && count >= 0 && count <= room,
    `wait returned ${count} with room for ${room}`,
  );
  const ready = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const fd = poller.readyFds[i] as number;
    assert.ok(!ready.has(fd), `fd ${fd} is in the ready set twice`);
    ready.set(fd, poller.readyEvents[i] as number);
  }
  return ready;
}

/** What was reported is reported again, as far as it is ready: after each report of a one-shot poller. */
export function rearm(poller: Poller, fd: number): void {
  const interest = poller.interestOf(fd);
  if (poller.capabilities.trigger === 'oneshot' && interest !== 0) poller.modify(fd, interest);
}

export function assertReady(poller: Poller, expected: Iterable<readonly [number, number]>): void {
  assert.deepEqual(readySet(poller), new Map(expected));
}

export function assertSilent(poller: Poller): void {
  assertReady(poller, []);
}

/**
 * Waits, more than once if need be, until the bits were all seen on an fd: loopback is not synchronous. Returns all that
 * was seen, and fails on a bit that was not asked for.
 */
export function untilReady(poller: Poller, fd: number, bits: number): number {
  const deadline = monotonicNs() + PATIENCE_MS * 1e6;
  let seen = 0;
  while ((seen & bits) !== bits) {
    const leftMs = (deadline - monotonicNs()) / 1e6;
    assert.ok(leftMs > 0, `fd ${fd}: saw ${seen} instead of ${bits} within ${PATIENCE_MS} ms`);
    const interest = poller.interestOf(fd);
    seen |= readySet(poller, leftMs).get(fd) ?? 0;
    assertRequested(seen, interest);
  }
  return seen;
}

export function assertRequested(events: number, interest: Interest | 0): void {
  assert.equal(events & ~(interest | ERROR), 0, `reported ${events} for interest ${interest}`);
}

export function elapsedMs(action: () => void): number {
  const start = monotonicNs();
  action();
  return (monotonicNs() - start) / 1e6;
}

/** The numbers of all open fds of this process, without the one that reads them. */
export const openFds = (): number[] => readdirSync(OPEN_FDS).map(Number).filter(isOpen);

/** A generator of numbers in [0, 1), the same at every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
