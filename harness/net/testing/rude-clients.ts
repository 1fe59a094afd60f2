import { SyscallError } from '../../../pollers/libc/call.js';
import { close, read, setNonBlocking, WOULD_BLOCK, write } from '../../../pollers/libc/linux/files.js';
import { connectToLoopback, resetOnClose, shutdownWrite } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import { PeriodicCallback } from '../../ioloop/periodic-callback.js';

const BLOCK_BYTES = 65_536;
const block = allocate(BLOCK_BYTES);
const bytes = Buffer.from(block.buffer);

/** A client on a plain fd, driven by timers of a loop. `end` closes what it still holds. */
export interface RudeClient {
  /** What it has received. */
  readonly received: () => string;
  end(): void;
}

function connect(port: number) {
  const fd = connectToLoopback(port);
  setNonBlocking(fd);
  let isOpen = true;
  let text = '';
  const end = () => {
    if (isOpen) close(fd);
    isOpen = false;
  };
  const say = (what: string) => {
    for (let at = 0; at < what.length; at += BLOCK_BYTES) {
      const length = bytes.write(what.slice(at, at + BLOCK_BYTES), 'latin1');
      if (write(fd, block.address, length) !== length) throw new Error('the server does not read');
    }
  };
  /** Whether there may be more. */
  const hear = (most: number): boolean => {
    if (!isOpen) return false;
    const count = orReset(() => read(fd, block.address, Math.min(most, BLOCK_BYTES)));
    if (count > 0) text += bytes.toString('latin1', 0, count);
    return count !== 0;
  };
  return { fd, say, hear, end, received: () => text };
}

/** 0, as at the end, when the server had enough of this client. */
function orReset(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if (error instanceof SyscallError && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) return 0;
    throw error;
  }
}

function periodically(loop: IOLoop, periodMs: number, beat: () => boolean): () => void {
  const timer = new PeriodicCallback(loop, periodMs, () => {
    if (!beat()) timer.stop();
  });
  timer.start();
  return () => timer.stop();
}

/** Asks, and never reads what it gets. */
export function neverReads(port: number, request: string): RudeClient {
  const client = connect(port);
  client.say(request);
  return client;
}

/** Asks, and reads 1 KiB a second, or in another period. */
export function readsSlowly(loop: IOLoop, port: number, request: string, periodMs = 1000): RudeClient {
  const client = connect(port);
  client.say(request);
  const stop = periodically(loop, periodMs, () => client.hear(1024));
  return {
    received: client.received,
    end: () => {
      stop();
      client.end();
    },
  };
}

/** Asks, and resets the connection instead of reading. */
export function resets(port: number, request: string): RudeClient {
  const client = connect(port);
  if (request !== '') client.say(request);
  resetOnClose(client.fd);
  client.end();
  return client;
}

/** Asks, says that there will be nothing more, and reads. */
export function halfCloses(loop: IOLoop, port: number, request: string): RudeClient {
  const client = connect(port);
  client.say(request);
  shutdownWrite(client.fd);
  const stop = periodically(loop, 1, () => client.hear(BLOCK_BYTES));
  return {
    received: client.received,
    end: () => {
      stop();
      client.end();
    },
  };
}

/** Sends one byte a second, or in another period, and reads. */
export function dribbles(loop: IOLoop, port: number, request: string, periodMs = 1000): RudeClient {
  const client = connect(port);
  let at = 0;
  const stop = periodically(loop, periodMs, () => {
    if (at < request.length) {
      bytes.write(request.charAt(at++), 'latin1');
      if (orReset(() => write(client.fd, block.address, 1)) === WOULD_BLOCK) at--;
    }
    return client.hear(BLOCK_BYTES);
  });
  return {
    received: client.received,
    end: () => {
      stop();
      client.end();
    },
  };
}

/** Connects and leaves, without a word. */
export function leaves(port: number): RudeClient {
  const client = connect(port);
  client.end();
  return client;
}

/** One that knows how to behave, to see whether it is served beside the others. */
export const polite = (loop: IOLoop, port: number, request: string): RudeClient =>
  readsSlowly(loop, port, request, 1);
