import { SyscallError } from '../../../pollers/libc/call.js';
import { receive } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import type { Connections } from './connections.js';

/** Who is responsible for what the connections say at present. */
export interface Reader {
  readable(fd: number): void;
}

/** As a count of bytes: the connection is over, in whatever way. */
export const ENDED = 0;

const CHUNK_BYTES = 65_536;
const memory = allocate(CHUNK_BYTES);

/** What `receiveInto` has received last. */
export const chunk = Buffer.from(memory.buffer);

/** How connections end that their peer has ended. */
const ENDS = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

export const isEnd = (error: unknown): boolean => error instanceof SyscallError && ENDS.has(error.code);

/** Bytes in `chunk` now, WOULD_BLOCK or ENDED. @throws SyscallError */
export function receiveChunk(fd: number): number {
  try {
    return receive(fd, memory.address, CHUNK_BYTES);
  } catch (error) {
    if (isEnd(error)) return ENDED;
    throw error;
  }
}

/** While nothing was asked there is nothing to be said: whoever does cannot be trusted with a beat. */
export const idle = (connections: Connections): Reader => ({
  readable: (fd) => connections.drop(fd),
});
