import { check, declare } from '../call.js';
import { close, closeOnExec } from '../descriptors.js';
import { allocate } from '../memory.js';
import { NUMBERS, O_NONBLOCK } from './numbers.js';

export { close, closeOnExec, closesOnExec, isOpen, read, WOULD_BLOCK, write } from '../descriptors.js';

/** What is variadic takes its last argument with its type: macOS on arm64 passes it in another way. */
const fcntl =
  declare<(fd: number, command: number, type: 'int', argument: number) => number>('int fcntl(int, int, ...)');
const pipeCall = declare<(fds: number) => number>('int pipe(void *)');
const openCall = declare<(path: string, flags: number) => number>('int open(const char *, int, ...)');

const flock = declare<(fd: number, operation: number) => number>('int flock(int, int)');

const LOCK_EX = 2;
const LOCK_NB = 4;
const F_GETFL = 3;
const F_SETFL = 4;

/** A duplicate of the fd at the lowest free number not below `least`, closed on exec. @throws SyscallError EMFILE */
export const duplicateAtLeast = (fd: number, least: number): number =>
  check(fcntl(fd, NUMBERS.duplicateClosedOnExec, 'int', least), 'fcntl', fd);

/** Moves an open file to the lowest free number not below `least`; the old number is closed. */
export function moveAtLeast(fd: number, least: number): number {
  const moved = duplicateAtLeast(fd, least);
  close(fd);
  return moved;
}

export function setNonBlocking(fd: number): void {
  const flags = check(fcntl(fd, F_GETFL, 'int', 0), 'fcntl', fd);
  check(fcntl(fd, F_SETFL, 'int', flags | O_NONBLOCK), 'fcntl', fd);
}

/** What cannot be asked for when a file is made. */
export function prepare(fd: number): number {
  setNonBlocking(fd);
  closeOnExec(fd);
  return fd;
}

const pair = allocate(8);
const pairFds = new Int32Array(pair.buffer);

/** A non-blocking pipe: [read end, write end]. */
export function pipe(): [number, number] {
  check(pipeCall(pair.address), 'pipe');
  return [prepare(pairFds[0] as number), prepare(pairFds[1] as number)];
}

/** Opens a file for reading. @throws SyscallError */
export const openForReading = (path: string): number => check(openCall(path, NUMBERS.oCloseOnExec), 'open');

/** Locks a file or folder until its fd is closed, by whatever end of this process; false where it cannot be locked now. */
export const tryLock = (fd: number): boolean => flock(fd, LOCK_EX | LOCK_NB) === 0;
