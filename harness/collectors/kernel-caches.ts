import type { Collector } from './collector.js';
import { readSlabs } from './slabs.js';

/** What the kernel keeps in its caches, for the whole machine. Only root may read it. */

const EPOLL_CACHES = ['eventpoll_epi', 'eventpoll_pwq', 'ep_head'];
const SOCKET_CACHES = ['TCP', 'sock_inode_cache', 'filp'];

/** Bytes of objects in epoll's three caches. Some are merged with other caches of the same size, and then count those. */
export const epollSlabBytes: Collector = { read: () => bytesIn(EPOLL_CACHES) };

/** Bytes of TCP sockets with their inodes and files. */
export const socketSlabBytes: Collector = { read: () => bytesIn(SOCKET_CACHES) };

function bytesIn(caches: readonly string[]): number | null {
  const slabs = readSlabs(caches);
  if (slabs === null || slabs.size === 0) return null;
  return [...slabs.values()].reduce((sum, { objects, objectBytes }) => sum + objects * objectBytes, 0);
}
