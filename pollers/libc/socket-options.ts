import { check, declare } from './call.js';
import { allocate } from './memory.js';

/** What POSIX leaves to each system. */
export interface SocketNumbers {
  readonly SOL_SOCKET: number;
  readonly SO_ERROR: number;
  readonly SO_LINGER: number;
}

const getsockopt = declare<(fd: number, level: number, name: number, value: number, bytes: number) => number>(
  'int getsockopt(int, int, int, void *, void *)',
);
const setsockopt = declare<(fd: number, level: number, name: number, value: number, bytes: number) => number>(
  'int setsockopt(int, int, int, void *, unsigned int)',
);
const shutdown = declare<(fd: number, how: number) => number>('int shutdown(int, int)');

const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SHUT_WR = 1;

const value = allocate(8);
const size = allocate(4);
const words = new Int32Array(value.buffer);
const sizeWord = new Int32Array(size.buffer);

/** The options that are the same calls on every system, by the numbers of one. */
export function socketOptions({ SOL_SOCKET, SO_ERROR, SO_LINGER }: SocketNumbers) {
  function setOption(fd: number, level: number, name: number, to: number): void {
    words[0] = to;
    check(setsockopt(fd, level, name, value.address, 4), 'setsockopt', fd);
  }

  function option(fd: number, level: number, name: number): number {
    sizeWord[0] = 4;
    check(getsockopt(fd, level, name, value.address, size.address), 'getsockopt', fd);
    return words[0] as number;
  }

  return {
    setOption,
    option,

    /** A close of this socket shall reset the connection: nothing stays in TIME_WAIT and no port is used up. */
    resetOnClose(fd: number): void {
      words[0] = 1;
      words[1] = 0;
      check(setsockopt(fd, SOL_SOCKET, SO_LINGER, value.address, 8), 'setsockopt', fd);
    },

    /** Takes the pending error of a socket: an errno, or 0. */
    takeSocketError: (fd: number): number => option(fd, SOL_SOCKET, SO_ERROR),

    /** Ends the sending direction; the peer reads end of file. */
    shutdownWrite(fd: number): void {
      check(shutdown(fd, SHUT_WR), 'shutdown', fd);
    },

    /** Small writes leave at once instead of waiting for the acknowledgement of earlier ones. */
    sendAtOnce: (fd: number): void => setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1),
  };
}
