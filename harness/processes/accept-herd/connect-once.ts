import { close, WOULD_BLOCK } from '../../../pollers/libc/linux/files.js';
import { limitReceiveTime, receive, resetOnClose } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { isSyscallError } from '../../../pollers/poller.js';

const ACCEPTED_WITHIN_MS = 2000;

const byte = allocate(8);

/**
 * A connection that ends when it has been accepted and closed, which resets it: that may be as early as in `connect`, when this thread
 * comes to its CPU later than the one that accepts. Who accepts counts what came.
 *
 * @throws Error when nobody accepts it
 */
export function connectOnce(connect: () => number): void {
  try {
    waitUntilReset(connect());
  } catch (error) {
    if (!isSyscallError(error) || error.code !== 'ECONNRESET') throw error;
  }
}

function waitUntilReset(fd: number): void {
  try {
    resetOnClose(fd);
    limitReceiveTime(fd, ACCEPTED_WITHIN_MS);
    if (receive(fd, byte.address, 1) === WOULD_BLOCK)
      throw new Error(`a connection was not accepted within ${ACCEPTED_WITHIN_MS / 1000} s`);
  } finally {
    close(fd);
  }
}
