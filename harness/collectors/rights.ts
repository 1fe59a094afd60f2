import { existsSync } from 'node:fs';
import { numberIn, readText } from './collector.js';

const CAP_SYS_RESOURCE = 24n;

/** Whether this process may raise its own hard limits. */
export function mayRaiseLimits(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status') ?? '')?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

/** How many fds a process may hold after raising its soft limit, as Node does when it starts; null: unknown. */
export function hardFdLimit(pid: number | 'self'): number | null {
  const limits = readText(`/proc/${pid}/limits`);
  if (limits !== null && /^Max open files\s+\S+\s+unlimited/m.test(limits)) return Number.POSITIVE_INFINITY;
  return numberIn(limits, /^Max open files\s+\S+\s+(\d+)/m);
}

/** The package manager of this distribution, by what is installed. */
export const packageManager = (): 'apt-get' | 'dnf' | 'apk' | 'pacman' | 'zypper' | null =>
  (['apt-get', 'dnf', 'apk', 'pacman', 'zypper'] as const).find((name) =>
    ['/usr/bin', '/sbin', '/usr/sbin', '/bin'].some((folder) => existsSync(`${folder}/${name}`)),
  ) ?? null;
