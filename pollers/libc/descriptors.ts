import { check, declare, EAGAIN, SyscallError, settled } from './call.js';

/** What is the same on every Unix that a poller knows, numbers and all. */

const closeCall = declare<(fd: number) => number>('int close(int)');
/** macOS on arm64 passes what is variadic in another way than what is not. */
const fcntl =
  declare<(fd: number, command: number, type: 'int', argument: number) => number>('int fcntl(int, int, ...)');
/** These return a `long` that an `int` holds, as no system moves 2 GiB in a call: Koffi is quicker with that. */
const readCall = declare<(fd: number, address: number, bytes: number) => number>(
  'int read(int, intptr_t, unsigned long)',
);
const writeCall = declare<(fd: number, address: number, bytes: number) => number>(
  'int write(int, intptr_t, unsigned long)',
);

/** Nothing to read, or no room to write, now. */
export const WOULD_BLOCK = -1;

const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** @throws SyscallError EBADF, EIO */
export function close(fd: number): void {
  check(closeCall(fd), 'close', fd);
}

export const isOpen = (fd: number): boolean => fcntl(fd, F_GETFD, 'int', 0) !== -1;
export const closesOnExec = (fd: number): boolean =>
  (check(fcntl(fd, F_GETFD, 'int', 0), 'fcntl', fd) & FD_CLOEXEC) !== 0;

/** No program that this process starts shall have the fd. */
export function closeOnExec(fd: number): void {
  check(fcntl(fd, F_SETFD, 'int', FD_CLOEXEC), 'fcntl', fd);
}

/**
 * What a call on a non-blocking fd that said -1 comes to: what it says when it is made again, or WOULD_BLOCK. Its callers keep
 * it apart from what succeeds, which then needs no closure and can be inlined. @throws SyscallError for anything else
 */
export function settleOn(fd: number, name: string, makeAgain: () => number): number {
  const result = settled(makeAgain);
  if (result >= 0) return result;
  if (result === -EAGAIN) return WOULD_BLOCK;
  throw new SyscallError(name, -result, fd);
}

const settle = (call: typeof readCall, name: string, fd: number, address: number, bytes: number): number =>
  settleOn(fd, name, () => call(fd, address, bytes));

/** Bytes read (0: end of file) or WOULD_BLOCK. @throws SyscallError */
export function read(fd: number, into: number, bytes: number): number {
  const count = readCall(fd, into, bytes);
  return count === -1 ? settle(readCall, 'read', fd, into, bytes) : count;
}

/** Bytes written or WOULD_BLOCK. @throws SyscallError */
export function write(fd: number, from: number, bytes: number): number {
  const count = writeCall(fd, from, bytes);
  return count === -1 ? settle(writeCall, 'write', fd, from, bytes) : count;
}
