/** What the suite opens and asks on this system. */

type Files = Omit<typeof import('../libc/bsd/files.js'), 'prepare'>;
type Process = typeof import('../libc/bsd/process.js');
type Sockets = typeof import('../libc/bsd/sockets.js');

const isLinux = process.platform === 'linux';

const files: Files = await (isLinux ? import('../libc/linux/files.js') : import('../libc/bsd/files.js'));
const sockets: Sockets = await (isLinux
  ? import('../libc/linux/sockets.js')
  : import('../libc/bsd/sockets.js'));
const limits: Process = isLinux
  ? { ...(await import('../libc/linux/process.js')), ...(await import('../libc/linux/clock.js')) }
  : await import('../libc/bsd/process.js');

export const {
  close,
  closesOnExec,
  duplicateAtLeast,
  isOpen,
  openForReading,
  pipe,
  read,
  setNonBlocking,
  WOULD_BLOCK,
  write,
} = files;
export const {
  accept,
  connectToLoopback,
  listenOnLoopback,
  resetOnClose,
  shutdownWrite,
  socketpair,
  startConnecting,
  takeSocketError,
} = sockets;
export const { endProcessIn, fdLimit, monotonicNs, setSoftFdLimit } = limits;

/** A non-blocking eventfd; null where there is none. */
export const makeEventfd: (() => number) | null = isLinux
  ? (await import('../libc/linux/files.js')).eventfd
  : null;

/** Where a process sees its own open files. */
export const OPEN_FDS = isLinux ? '/proc/self/fd' : '/dev/fd';
