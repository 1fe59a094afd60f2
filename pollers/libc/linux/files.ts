import { check, declare } from '../call.js';
import { close } from '../descriptors.js';
import { allocate } from '../memory.js';

export { close, closeOnExec, closesOnExec, isOpen, read, WOULD_BLOCK, write } from '../descriptors.js';

const fcntl = declare<(fd: number, command: number, argument: number) => number>('int fcntl(int, int, int)');
const pipe2 = declare<(fds: number, flags: number) => number>('int pipe2(void *, int)');
const eventfdCall = declare<(initial: number, flags: number) => number>('int eventfd(unsigned int, int)');
const openCall = declare<(path: string, flags: number, mode: number) => number>(
  'int open(const char *, int, int)',
);

const flock = declare<(fd: number, operation: number) => number>('int flock(int, int)');

const LOCK_EX = 2;
const LOCK_NB = 4;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;

/** A duplicate of the fd at the lowest free number not below `least`, closed on exec. @throws SyscallError EMFILE */
export const duplicateAtLeast = (fd: number, least: number): number =>
  check(fcntl(fd, F_DUPFD_CLOEXEC, least), 'fcntl', fd);

/** Moves an open file to the lowest free number not below `least`; the old number is closed. */
export function moveAtLeast(fd: number, least: number): number {
  const moved = duplicateAtLeast(fd, least);
  close(fd);
  return moved;
}

export function setNonBlocking(fd: number): void {
  check(fcntl(fd, F_SETFL, check(fcntl(fd, F_GETFL, 0), 'fcntl', fd) | O_NONBLOCK), 'fcntl', fd);
}

const pair = allocate(8);
const pairFds = new Int32Array(pair.buffer);

/** A non-blocking pipe: [read end, write end]. */
export function pipe(): [number, number] {
  check(pipe2(pair.address, O_CLOEXEC | O_NONBLOCK), 'pipe2');
  return [pairFds[0] as number, pairFds[1] as number];
}

/** A non-blocking eventfd whose counter starts at 0. */
export const eventfd = (): number => check(eventfdCall(0, O_CLOEXEC | O_NONBLOCK), 'eventfd');

/** Opens a file for reading. @throws SyscallError */
export const openForReading = (path: string): number => check(openCall(path, O_CLOEXEC, 0), 'open');

/** Locks a file or folder until its fd is closed, by whatever end of this process; false where it cannot be locked now. */
export const tryLock = (fd: number): boolean => flock(fd, LOCK_EX | LOCK_NB) === 0;
