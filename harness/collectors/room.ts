import { numberIn, readText } from './collector.js';

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
