import { check, declare, EALREADY, EINPROGRESS, EISCONN, outcomeOf, SyscallError } from './call.js';
import { close } from './descriptors.js';
import { allocate } from './memory.js';

const bind = declare<(fd: number, address: number, bytes: number) => number>(
  'int bind(int, void *, unsigned int)',
);
const listen = declare<(fd: number, backlog: number) => number>('int listen(int, int)');
const connectCall = declare<(fd: number, address: number, bytes: number) => number>(
  'int connect(int, void *, unsigned int)',
);
const getsockname = declare<(fd: number, address: number, bytes: number) => number>(
  'int getsockname(int, void *, void *)',
);

const SOCKADDR_IN_BYTES = 16;
const named = allocate(SOCKADDR_IN_BYTES);
const namedView = new DataView(named.buffer);
const length = allocate(8);
const lengthWords = new Int32Array(length.buffer);

/** Whether a non-blocking connection is made already. One that a signal interrupted goes on by itself. */
export function beginConnecting(fd: number, target: number): boolean {
  const result = outcomeOf(() => connectCall(fd, target, SOCKADDR_IN_BYTES));
  if (result === -EINPROGRESS || result === -EALREADY) return false;
  if (result === 0 || result === -EISCONN) return true;
  throw new SyscallError('connect', -result, fd);
}

export interface OnLoopback {
  /** A non-blocking TCP listener on a free port of 127.0.0.1. */
  listenOnLoopback(backlog?: number): { fd: number; port: number };
  /** Connects to a loopback port and waits for it. @throws SyscallError ECONNREFUSED, EADDRNOTAVAIL (no port left) */
  connectToLoopback(port: number): number;
  /** Starts a connection to a loopback port; the socket turns writable when it is made or refused. */
  startConnecting(port: number): number;
}

/** TCP on 127.0.0.1, by how a system makes a socket and writes that address. */
export function onLoopback(
  tcpSocket: (blocking: boolean) => number,
  addressOf: (port: number) => number,
): OnLoopback {
  const opened = <T>(blocking: boolean, use: (fd: number) => T): T => {
    const fd = tcpSocket(blocking);
    try {
      return use(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  };
  return {
    listenOnLoopback: (backlog = 4096) =>
      opened(false, (fd) => {
        check(bind(fd, addressOf(0), SOCKADDR_IN_BYTES), 'bind', fd);
        check(listen(fd, backlog), 'listen', fd);
        lengthWords[0] = SOCKADDR_IN_BYTES;
        check(getsockname(fd, named.address, length.address), 'getsockname', fd);
        return { fd, port: namedView.getUint16(2) };
      }),
    connectToLoopback: (port) =>
      opened(true, (fd) => {
        check(connectCall(fd, addressOf(port), SOCKADDR_IN_BYTES), 'connect', fd);
        return fd;
      }),
    startConnecting: (port) =>
      opened(false, (fd) => {
        beginConnecting(fd, addressOf(port));
        return fd;
      }),
  };
}
