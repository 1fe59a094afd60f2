import { readdirSync } from 'node:fs';
import { pidsLimit } from './cgroup.js';
import { numberIn, readText } from './collector.js';
import { mayRaiseLimits } from './rights.js';

/** What is left for sockets. */

/** How many connections one source address may have to one port; null: unknown. */
export function ephemeralPorts(): { first: number; last: number } | null {
  const text = readText('/proc/sys/net/ipv4/ip_local_port_range');
  const [first, last] = (text ?? '').trim().split(/\s+/).map(Number);
  return first && last ? { first, last } : null;
}

/** Memory that can be had without swapping, within the limit of this process's control group; null: unknown. */
export function availableBytes(): number | null {
  const kib = numberIn(readText('/proc/meminfo'), /^MemAvailable:\s+(\d+) kB/m);
  // Undefined or absurdly large where there is no limit.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return kib === null ? null : Math.min(kib * 1024, limit);
}

/** How many connections may wait at most until a listener accepts them; null: unknown. */
export const backlogLimit = (): number | null => numberIn(readText('/proc/sys/net/core/somaxconn'), /(\d+)/);

export interface ThreadRoom {
  readonly left: number;
  /** Whose limit that is. */
  readonly limit: string;
}

/** How many threads may still be started; null without a limit, or where none is to be seen. */
export function roomForThreads(): ThreadRoom | null {
  const rooms = [pidsLimit(), userLimit()].filter((room) => room !== null);
  return rooms.length === 0 ? null : rooms.reduce((least, room) => (room.left < least.left ? room : least));
}

/** RLIMIT_NPROC, which does not bind root. Threads of the user that other namespaces hide count as well. */
function userLimit(): ThreadRoom | null {
  const most = numberIn(readText('/proc/self/limits'), /^Max processes\s+(\d+)/m);
  if (most === null || mayRaiseLimits()) return null;
  return { left: Math.max(0, most - threadsOfUser()), limit: `ulimit -u ${most}` };
}

function threadsOfUser(): number {
  const uid = process.getuid?.();
  const counts = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      const status = readText(`/proc/${pid}/status`);
      return numberIn(status, /^Uid:\s+(\d+)/m) === uid ? (numberIn(status, /^Threads:\s+(\d+)/m) ?? 0) : 0;
    });
  return counts.reduce((sum, count) => sum + count, 0);
}
