import { threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { close } from '../../../pollers/libc/linux/files.js';
import {
  accept,
  connectToLoopback,
  receive,
  resetOnClose,
  send,
} from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { type Poller, READ, WRITE } from '../../../pollers/poller.js';

/** The subject imports this file once per poller and series, as the turn probe does with its turns. */

const byte = allocate(8);

/**
 * Replaces registrations, one fd after the other: each is unregistered and registered again while all others stay.
 */
export function replace(poller: Poller, fds: readonly number[], count: number): void {
  for (let made = 0, index = 0; made < count; made++) {
    const fd = fds[index] as number;
    poller.unregister(fd);
    poller.register(fd, READ);
    if (++index === fds.length) index = 0;
  }
}

export interface Listening {
  readonly fd: number;
  readonly port: number;
}

/**
 * A connection's life, `count` times. The server's side, whose CPU time is the result: a turn that reports the listener,
 * accept (and, under a one-shot trigger, the listener armed again), register for READ; a turn, receive one byte, modify to WRITE; a turn, send one byte, unregister, close.
 * The client's side, in the same thread, stands outside the time. `clockNs` is what reading the CPU clock costs.
 */
export function live(
  poller: Poller,
  listener: Listening,
  count: number,
  clockNs: number,
): { cpuNs: number; turns: number } {
  let cpuNs = 0;
  let turns = 0;
  const isOneshot = poller.capabilities.trigger === 'oneshot';
  for (let lived = 0; lived < count; lived++) {
    const client = connectToLoopback(listener.port);
    resetOnClose(client);
    if (send(client, byte.address, 1) !== 1) throw new Error('the client could not ask');
    const before = threadCpuNs();
    turns += waitFor(poller, listener.fd);
    const fd = accept(listener.fd);
    if (isOneshot) poller.modify(listener.fd, READ);
    poller.register(fd, READ);
    turns += waitFor(poller, fd);
    const received = receive(fd, byte.address, 1);
    poller.modify(fd, WRITE);
    turns += waitFor(poller, fd);
    const sent = send(fd, byte.address, 1);
    poller.unregister(fd);
    close(fd);
    cpuNs += threadCpuNs() - before - clockNs;
    if (received !== 1 || sent !== 1) throw new Error(`a server received ${received} bytes and sent ${sent}`);
    if (receive(client, byte.address, 1) !== 1) throw new Error('the client got no answer');
    close(client);
  }
  return { cpuNs, turns };
}

/** Turns that do not block, until one reports this fd, which must be the only one. */
function waitFor(poller: Poller, fd: number): number {
  let turns = 1;
  // On loopback the kernel may need a moment.
  for (; poller.wait(0) === 0; turns++);
  if (poller.readyFds[0] !== fd) throw new Error(`fd ${poller.readyFds[0]} was reported instead of ${fd}`);
  return turns;
}

export type LivesModule = { readonly replace: typeof replace; readonly live: typeof live };
