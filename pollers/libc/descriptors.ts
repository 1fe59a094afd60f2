import { check, declare } from './call.js';

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
