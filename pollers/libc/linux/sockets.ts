import { check, declare } from '../call.js';
import { close, settleOn } from '../descriptors.js';
import { beginConnecting, onLoopback } from '../loopback.js';
import { allocate } from '../memory.js';
import { socketOptions } from '../socket-options.js';

const socket =
  declare<(domain: number, type: number, protocol: number) => number>('int socket(int, int, int)');
const socketpairCall = declare<(domain: number, type: number, protocol: number, fds: number) => number>(
  'int socketpair(int, int, int, void *)',
);
const bind = declare<(fd: number, address: number, bytes: number) => number>(
  'int bind(int, void *, unsigned int)',
);
const listen = declare<(fd: number, backlog: number) => number>('int listen(int, int)');
const accept4 = declare<(fd: number, address: number, bytes: number, flags: number) => number>(
  'int accept4(int, void *, void *, int)',
);
const getsockname = declare<(fd: number, address: number, bytes: number) => number>(
  'int getsockname(int, void *, void *)',
);
const setsockopt = declare<(fd: number, level: number, name: number, value: number, bytes: number) => number>(
  'int setsockopt(int, int, int, void *, unsigned int)',
);
/**
 * In a process of several threads, as Node's is, glibc makes each call that may block a point of cancellation, and back,
 * with two locked instructions: 2.5 % of an event that is waited for, received and passed on. For a thread that can be
 * cancelled anywhere anyway there is nothing to switch. Nobody cancels a thread that runs JavaScript.
 */
const setCancelType = declare<(type: number, before: number) => number>(
  'int pthread_setcanceltype(int, void *)',
);
const PTHREAD_CANCEL_ASYNCHRONOUS = 1;
setCancelType(PTHREAD_CANCEL_ASYNCHRONOUS, 0);

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_LINGER = 13;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const LOOPBACK = 0x7f000001;

/** `struct sockaddr_in`: family (host order), port and address (network order), 8 bytes of zeroes. */
const SOCKADDR_IN_BYTES = 16;
const address = allocate(SOCKADDR_IN_BYTES);
const addressView = new DataView(address.buffer);
const scratch = allocate(16);
const words = new Int32Array(scratch.buffer);

function loopback(port: number): number {
  addressView.setUint16(0, AF_INET, true);
  addressView.setUint16(2, port);
  addressView.setUint32(4, LOOPBACK);
  return address.address;
}

const tcpSocket = (blocking: boolean): number =>
  check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0), 'socket');

/** A connected pair of non-blocking unix stream sockets. @throws SyscallError EMFILE */
export function socketpair(): [number, number] {
  check(
    socketpairCall(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, scratch.address),
    'socketpair',
  );
  return [words[0] as number, words[1] as number];
}

export const { listenOnLoopback, connectToLoopback, startConnecting } = onLoopback(tcpSocket, loopback);

const options = socketOptions({ SOL_SOCKET, SO_ERROR, SO_LINGER });
const { option, setOption } = options;
export const { resetOnClose, takeSocketError, shutdownWrite, sendAtOnce } = options;

const acceptFrom = (listener: number): number => accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);

const settleAccept = (listener: number): number => settleOn(listener, 'accept4', () => acceptFrom(listener));

/** The next pending connection, non-blocking and closed on exec, or WOULD_BLOCK. */
export function accept(listener: number): number {
  const fd = acceptFrom(listener);
  return fd === -1 ? settleAccept(listener) : fd;
}

const getpeername = declare<(fd: number, address: number, bytes: number) => number>(
  'int getpeername(int, void *, void *)',
);
/** What these two return is a `long` that an `int` holds, as Linux moves less than 2 GiB in a call: Koffi is quicker with that. */
const recvCall = declare<(fd: number, address: number, bytes: number, flags: number) => number>(
  'int recv(int, intptr_t, unsigned long, int)',
);
const sendCall = declare<(fd: number, address: number, bytes: number, flags: number) => number>(
  'int send(int, intptr_t, unsigned long, int)',
);

const SO_REUSEADDR = 2;
const SO_REUSEPORT = 15;
const MSG_NOSIGNAL = 0x4000;

export interface ListenOptions {
  /** Connections that wait in the kernel at most; it cuts this to `net.core.somaxconn`. */
  readonly backlog?: number;
  /** Several sockets may listen on the port, and the kernel spreads the connections. */
  readonly reusePort?: boolean;
}

/** A `struct sockaddr_in` in memory that the next call here overwrites. @throws RangeError unless it is IPv4 */
function socketAddress(host: string, port: number): number {
  const parts = (host === 'localhost' ? '127.0.0.1' : host).split('.');
  const isByte = (part: string) => /^\d{1,3}$/.test(part) && Number(part) < 256;
  if (parts.length !== 4 || !parts.every(isByte))
    throw new RangeError(`${host} is not an IPv4 address in dotted form`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${port} is not a port`);
  addressView.setUint16(0, AF_INET, true);
  addressView.setUint16(2, port);
  for (const [at, part] of parts.entries()) addressView.setUint8(4 + at, Number(part));
  return address.address;
}

/** A non-blocking TCP socket that is neither bound nor connected. @throws SyscallError EMFILE */
export const openTcpSocket = (): number => tcpSocket(false);

/**
 * A non-blocking TCP listener with SO_REUSEADDR; port 0 lets the kernel choose. @throws RangeError; SyscallError
 * EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE
 */
export function listenOn(host: string, port: number, options: ListenOptions = {}): number {
  const { backlog = 4096, reusePort = false } = options;
  // Refuses a bad address before there is a socket.
  socketAddress(host, port);
  const fd = tcpSocket(false);
  try {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    check(bind(fd, socketAddress(host, port), SOCKADDR_IN_BYTES), 'bind', fd);
    check(listen(fd, backlog), 'listen', fd);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Lets other sockets of this user listen on the address from now on. Comes after `listenOn` without `reusePort`, which
 * has made sure that nobody does so yet.
 */
export const shareAddress = (fd: number): void => setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);

/** Whether the connection is made; if not yet, the socket turns writable when it is, or has failed. @throws as `listenOn` */
export const connectTo = (fd: number, host: string, port: number): boolean =>
  beginConnecting(fd, socketAddress(host, port));

const IPPROTO_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;

/**
 * The address that the socket shall connect from. Its port is chosen when it connects, so that ports are short only for
 * one pair of addresses and one target port. @throws RangeError; SyscallError EADDRNOTAVAIL
 */
export function connectFrom(fd: number, host: string): void {
  setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  check(bind(fd, socketAddress(host, 0), SOCKADDR_IN_BYTES), 'bind', fd);
}

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

function readAddress(call: typeof getsockname, name: string, fd: number): SocketAddress {
  words[0] = SOCKADDR_IN_BYTES;
  check(call(fd, address.address, scratch.address), name, fd);
  const host = [4, 5, 6, 7].map((at) => addressView.getUint8(at)).join('.');
  return { host, port: addressView.getUint16(2) };
}

/** This side's address of an IPv4 socket. @throws SyscallError */
export const localAddress = (fd: number): SocketAddress => readAddress(getsockname, 'getsockname', fd);

/** The other side's address of an IPv4 connection. @throws SyscallError ENOTCONN */
export const peerAddress = (fd: number): SocketAddress => readAddress(getpeername, 'getpeername', fd);

/** Whether TCP_NODELAY is set; a connection has it from its listener. */
export const sendsAtOnce = (fd: number): boolean => option(fd, IPPROTO_TCP, TCP_NODELAY) !== 0;

export const reusesAddress = (fd: number): boolean => option(fd, SOL_SOCKET, SO_REUSEADDR) !== 0;

const settleReceive = (fd: number, into: number, bytes: number): number =>
  settleOn(fd, 'recv', () => recvCall(fd, into, bytes, MSG_NOSIGNAL));

const settleSend = (fd: number, from: number, bytes: number): number =>
  settleOn(fd, 'send', () => sendCall(fd, from, bytes, MSG_NOSIGNAL));

/** As `read`, for sockets only and a little cheaper. @throws SyscallError ECONNRESET */
export function receive(fd: number, into: number, bytes: number): number {
  const count = recvCall(fd, into, bytes, MSG_NOSIGNAL);
  return count === -1 ? settleReceive(fd, into, bytes) : count;
}

/** As `write`, for sockets only; it raises no SIGPIPE. @throws SyscallError EPIPE, ECONNRESET */
export function send(fd: number, from: number, bytes: number): number {
  const count = sendCall(fd, from, bytes, MSG_NOSIGNAL);
  return count === -1 ? settleSend(fd, from, bytes) : count;
}

const SO_RCVBUF = 8;

const TCP_MAXSEG = 2;

/**
 * Bounds what the peer can send ahead of what is read: the room on this side, and the size of segments, by which the
 * peer's kernel makes room on its own side (megabytes for those of loopback). Comes before `connectTo`.
 */
export function limitWindow(fd: number, roomBytes: number, segmentBytes: number): void {
  setOption(fd, SOL_SOCKET, SO_RCVBUF, roomBytes);
  setOption(fd, IPPROTO_TCP, TCP_MAXSEG, segmentBytes);
}

const SO_RCVTIMEO = 20;

/** A blocking receive gives up after so many ms. Until then a signal interrupts it, whatever its handler says. */
export function limitReceiveTime(fd: number, ms: number): void {
  // A `struct timeval`: two longs.
  words.set([Math.floor(ms / 1000), 0, (ms % 1000) * 1000, 0]);
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, scratch.address, 16), 'setsockopt', fd);
}
