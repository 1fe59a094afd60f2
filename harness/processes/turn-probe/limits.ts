import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { close, moveAtLeast, openForReading, write } from '../../../pollers/libc/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { socketpair } from '../../../pollers/libc/sockets.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import type { LimitAnswer } from './protocol.js';

const byte = allocate(8);

/** Watches one readable socket with this number, or where it is null one regular file, and looks what happens. */
export function tryLimit(poller: Poller, number: number | null): LimitAnswer {
  const fds: number[] = [];
  try {
    const fd =
      number === null ? openForReading(fileURLToPath(import.meta.url)) : readableSocketAt(number, fds);
    fds.push(fd);
    try {
      poller.register(fd, READ);
    } catch (error) {
      const { message } = error as Error;
      return { accepted: false, reported: false, detail: message, errno: errnoOf(error as Error) };
    }
    const count = poller.wait(0);
    return { accepted: true, reported: count === 1 && poller.readyFds[0] === fd, detail: '', errno: 0 };
  } finally {
    poller.close();
    for (const fd of fds) close(fd);
  }
}

/** Errors are known by their name and code, whoever's poller they come from. */
function errnoOf({ name, code }: NodeJS.ErrnoException): number | null {
  if (name !== 'SyscallError' || code === undefined) return null;
  return new Map<string, number>(Object.entries(constants.errno)).get(code) ?? null;
}

function readableSocketAt(number: number, opened: number[]): number {
  const [near, far] = socketpair();
  opened.push(far);
  write(far, byte.address, 1);
  const moved = moveAtLeast(near, number);
  if (moved === number) return moved;
  opened.push(moved);
  throw new Error(`fd ${number} is taken; ${moved} was the next free one`);
}
