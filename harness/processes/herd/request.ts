import { send } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';

export const REQUEST = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

const memory = allocate(REQUEST.length);
Buffer.from(memory.buffer).write(REQUEST, 'latin1');

/** Bytes sent, `REQUEST.length` as a rule, or WOULD_BLOCK. @throws SyscallError EPIPE, ECONNRESET */
export const sendRequest = (fd: number): number => send(fd, memory.address, REQUEST.length);
