import { close, closesOnExec, read } from '../../pollers/libc/files.js';
import { allocate } from '../../pollers/libc/memory.js';
import { openFds, startSleepingThread, unshareFileTable } from '../../pollers/libc/process.js';
import { socketpair } from '../../pollers/libc/sockets.js';
import type { Available } from './control/messages.js';

const byte = allocate(8);

/** Node holds about 0..20 itself; numbers below this are left to it and to what else its user lets it load. */
const LEAST_OWN_FD = 32;
/** How many of them have to be free: Node opens a file now and then. */
const LEFT_TO_NODE = 6;

/**
 * Closes what the program that started us left open above the numbers that Node itself uses. Only inherited fds survive an exec without
 * FD_CLOEXEC; nobody here knows of them. Comes before the file table is made private.
 */
export function closeInherited(): void {
  for (const fd of openFds()) if (fd >= LEAST_OWN_FD && !closesOnExec(fd)) close(fd);
}

/**
 * Numbers from here on, and the one before it, are free: above whatever Node, or a module that NODE_OPTIONS lets it load, holds open.
 * In steps, so that the programs of one run agree. Comes after `closeInherited`.
 */
export function firstOwnFd(): number {
  const open = openFds();
  const isClear = (first: number) =>
    open.every((fd) => fd < first - 1) && first - 1 - open.length >= LEFT_TO_NODE;
  let first = LEAST_OWN_FD;
  while (!isClear(first)) first += LEAST_OWN_FD;
  return first;
}

/**
 * Gives this thread a file table that Node's other threads do not share, as a single-threaded C program has one.
 * Comes before the first socket. @throws Error when a closed socket does not reach its peer afterwards
 */
export function makeFileTablePrivate(): Available<object> {
  try {
    unshareFileTable();
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
  assertClosingReachesPeer();
  return { ok: true };
}

/**
 * Lets a second, sleeping thread share this thread's file table while `use` runs, as threads do in any threaded program:
 * every fdget() then takes an atomic reference. Afterwards the table is as private as before.
 */
export function withSharedFileTable<T>(use: () => T): T {
  const thread = startSleepingThread();
  try {
    return use();
  } finally {
    thread.end();
  }
}

/** A file that another table still holds never closes: its peer sees no end of file and epoll reports it for ever. */
function assertClosingReachesPeer(): void {
  const [near, far] = socketpair();
  close(far);
  const received = read(near, byte.address, 1);
  close(near);
  if (received !== 0)
    throw new Error('the file table is still shared: a closed socket did not reach its peer');
}
