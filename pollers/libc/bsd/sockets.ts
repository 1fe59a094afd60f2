import { check, declare } from '../call.js';
import { settleOn, WOULD_BLOCK } from '../descriptors.js';
import { onLoopback } from '../loopback.js';
import { allocate } from '../memory.js';
import { socketOptions } from '../socket-options.js';
import { closeOnExec, prepare } from './files.js';
import { NUMBERS, SO_ERROR, SO_LINGER, SOL_SOCKET } from './numbers.js';

const socket =
  declare<(domain: number, type: number, protocol: number) => number>('int socket(int, int, int)');
const socketpairCall = declare<(domain: number, type: number, protocol: number, fds: number) => number>(
  'int socketpair(int, int, int, void *)',
);
const acceptCall = declare<(fd: number, address: number, bytes: number) => number>(
  'int accept(int, void *, void *)',
);

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const LOOPBACK = 0x7f000001;

/** `struct sockaddr_in`: its length and family, a byte each; port and address (network order), 8 bytes of zeroes. */
const SOCKADDR_IN_BYTES = 16;
const address = allocate(SOCKADDR_IN_BYTES);
const addressView = new DataView(address.buffer);
const scratch = allocate(16);
const words = new Int32Array(scratch.buffer);

function loopback(port: number): number {
  addressView.setUint8(0, SOCKADDR_IN_BYTES);
  addressView.setUint8(1, AF_INET);
  addressView.setUint16(2, port);
  addressView.setUint32(4, LOOPBACK);
  return address.address;
}

const options = socketOptions({ SOL_SOCKET, SO_ERROR, SO_LINGER });
export const { resetOnClose, takeSocketError, shutdownWrite, sendAtOnce } = options;

/** There is no MSG_NOSIGNAL on macOS: the socket itself is told. */
function withoutSigpipe(fd: number): number {
  options.setOption(fd, SOL_SOCKET, NUMBERS.noSigpipe, 1);
  return fd;
}

function tcpSocket(blocking: boolean): number {
  const fd = withoutSigpipe(check(socket(AF_INET, SOCK_STREAM, 0), 'socket'));
  if (!blocking) return prepare(fd);
  closeOnExec(fd);
  return fd;
}

/** A connected pair of non-blocking unix stream sockets. @throws SyscallError EMFILE */
export function socketpair(): [number, number] {
  check(socketpairCall(AF_UNIX, SOCK_STREAM, 0, scratch.address), 'socketpair');
  const [one, other] = [words[0] as number, words[1] as number];
  return [prepare(withoutSigpipe(one)), prepare(withoutSigpipe(other))];
}

export const { listenOnLoopback, connectToLoopback, startConnecting } = onLoopback(tcpSocket, loopback);

/** The next pending connection, non-blocking and closed on exec, or WOULD_BLOCK. There is no accept4 on macOS. */
export function accept(listener: number): number {
  const again = () => acceptCall(listener, 0, 0);
  const first = again();
  const fd = first === -1 ? settleOn(listener, 'accept', again) : first;
  return fd === WOULD_BLOCK ? fd : prepare(withoutSigpipe(fd));
}
