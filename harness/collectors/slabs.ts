import { readlinkSync } from 'node:fs';
import { type Collector, readText } from './collector.js';

/** What the kernel keeps in its caches, for the whole machine. Only root may read it. */

const EPOLL_CACHES = ['eventpoll_epi', 'eventpoll_pwq', 'ep_head'];
const SOCKET_CACHES = ['TCP', 'sock_inode_cache', 'filp'];

/** Bytes of objects in epoll's three caches. Some are merged with other caches of the same size, and then count those. */
export const epollSlabBytes: Collector = { read: () => bytesIn(EPOLL_CACHES) };

/** Bytes of TCP sockets with their inodes and files. */
export const socketSlabBytes: Collector = { read: () => bytesIn(SOCKET_CACHES) };

function bytesIn(caches: readonly string[]): number | null {
  const text = readText('/proc/slabinfo');
  if (text === null) return null;
  const bytesByCache = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, active, , size] = line.split(/\s+/);
    if (name && active && size) bytesByCache.set(name, Number(active) * Number(size));
  }
  let sum = 0;
  for (const cache of caches) {
    const bytes = bytesByCache.get(cache) ?? bytesByCache.get(mergedName(cache, bytesByCache) ?? '');
    if (bytes === undefined) return null;
    sum += bytes;
  }
  return sum;
}

/** A cache that was merged with others stands in slabinfo under the name of one of them: /sys/kernel/slab knows which. */
function mergedName(cache: string, listed: ReadonlyMap<string, number>): string | undefined {
  const alias = aliasOf(cache);
  if (alias === null) return undefined;
  return [...listed.keys()].find((name) => aliasOf(name) === alias);
}

function aliasOf(cache: string): string | null {
  try {
    return readlinkSync(`/sys/kernel/slab/${cache}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EINVAL: it is no link, so the cache is not merged.
    if (code === 'ENOENT' || code === 'EINVAL' || code === 'EACCES') return null;
    throw error;
  }
}
