import { isLinux } from '../libc/system.js';

/** What the suite opens and asks on this system. */

export { monotonicNs } from '../libc/clock.js';
export {
  close,
  closesOnExec,
  duplicateAtLeast,
  eventfd as makeEventfd,
  isOpen,
  openForReading,
  pipe,
  read,
  setNonBlocking,
  WOULD_BLOCK,
  write,
} from '../libc/files.js';
export { endProcessIn, fdLimit, setSoftFdLimit } from '../libc/process.js';
export {
  accept,
  connectToLoopback,
  listenOnLoopback,
  resetOnClose,
  shutdownWrite,
  socketpair,
  startConnecting,
  takeSocketError,
} from '../libc/sockets.js';

/** Where a process sees its own open files. */
export const OPEN_FDS = isLinux ? '/proc/self/fd' : '/dev/fd';
