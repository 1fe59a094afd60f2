import { readdirSync, readFileSync } from 'node:fs';
import { allocate, type Memory } from '../../../pollers/libc/memory.js';

const CACHES = '/sys/devices/system/cpu/cpu0/cache';
const LINE_BYTES = 64;
const MIB = 2 ** 20;
/** Where the machine does not say how large its caches are. */
const USUAL_CACHE_BYTES = 32 * MIB;
/** Of a larger last cache a part stays warm: touching more would cost every turn more than 20 ms. */
const MOST_BYTES = 128 * MIB;

/** Takes everything out of this CPU's caches by touching twice as much memory as the last of them holds. */
export class Evictor {
  readonly memory: Memory;
  readonly #bytes: Uint8Array;
  /** Keeps the touching from being optimised away. */
  sum = 0;

  constructor(bytes = Math.min(2 * lastCacheBytes(), MOST_BYTES)) {
    this.memory = allocate(bytes);
    // Pages that were never written are all the same page.
    this.#bytes = new Uint8Array(this.memory.buffer).fill(1);
  }

  evict(): void {
    const bytes = this.#bytes;
    let sum = 0;
    for (let at = 0; at < bytes.length; at += LINE_BYTES) sum = (sum + (bytes[at] as number)) | 0;
    this.sum = sum;
  }
}

/** The largest cache that CPU 0 has. */
function lastCacheBytes(): number {
  const sizes = cacheFolders().map((folder) => bytesOf(readFileSync(`${CACHES}/${folder}/size`, 'utf8')));
  return sizes.length > 0 ? Math.max(...sizes) : USUAL_CACHE_BYTES;
}

function cacheFolders(): string[] {
  try {
    return readdirSync(CACHES).filter((name) => name.startsWith('index'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The kernel writes `32768K`. */
const bytesOf = (size: string): number => Number.parseInt(size, 10) * (size.includes('M') ? MIB : 1024);
