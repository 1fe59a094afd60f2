import { check, declare, EAGAIN, isForAgain, lastErrno, SyscallError } from './call.js';

/** What is the same on every Unix that a poller knows, numbers and all. */

const closeCall = declare<(fd: number) => number>('int close(int)');
/** macOS on arm64 passes what is variadic in another way than what is not. */
const fcntl =
  declare<(fd: number, command: number, type: 'int', argument: number) => number>('int fcntl(int, int, ...)');

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

const readCall = declare<(fd: number, address: number, bytes: number) => number>(
  'long read(int, void *, unsigned long)',
);
const writeCall = declare<(fd: number, address: number, bytes: number) => number>(
  'long write(int, void *, unsigned long)',
);

/** Nothing to read, or no room to write, now. */
export const WOULD_BLOCK = -1;

function transfer(call: typeof readCall, name: string, fd: number, address: number, bytes: number): number {
  for (let tries = 1; ; tries++) {
    const count = call(fd, address, bytes);
    if (count !== -1) return count;
    const errno = lastErrno();
    if (errno === EAGAIN) return WOULD_BLOCK;
    if (!isForAgain(errno, tries)) throw new SyscallError(name, errno, fd);
  }
}

/** Bytes read (0: end of file) or WOULD_BLOCK. @throws SyscallError */
export const read = (fd: number, address: number, bytes: number): number =>
  transfer(readCall, 'read', fd, address, bytes);

/** Bytes written or WOULD_BLOCK. @throws SyscallError */
export const write = (fd: number, address: number, bytes: number): number =>
  transfer(writeCall, 'write', fd, address, bytes);
