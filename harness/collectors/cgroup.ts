import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { numberIn, readText } from './collector.js';

/** What this process's control groups, version 1 or 2, leave of the machine. */

const HIERARCHIES = ['cpu', 'cpu,cpuacct', 'cpuset', 'pids', 'unified', ''].map(
  (name) => `/sys/fs/cgroup/${name}`,
);

/** How many CPUs' worth of time the tightest group around this process may use; null without a limit. */
export function cpuQuota(root = '/'): number | null {
  const quotas = groupFolders(root).flatMap((folder) => [
    coresIn(readText(join(folder, 'cpu.max'))),
    coresIn(
      `${readText(join(folder, 'cpu.cfs_quota_us'))?.trim()} ${readText(join(folder, 'cpu.cfs_period_us'))}`,
    ),
  ]);
  const least = Math.min(...quotas.filter((quota) => quota !== null));
  return Number.isFinite(least) ? least : null;
}

/** How many threads the tightest group still has room for, and its limit; null without one. */
export function pidsLimit(root = '/'): { left: number; limit: string } | null {
  const rooms = groupFolders(root).flatMap((folder) => {
    const most = numberIn(readText(join(folder, 'pids.max')), /^(\d+)/);
    const current = numberIn(readText(join(folder, 'pids.current')), /^(\d+)/);
    return most === null || current === null
      ? []
      : [{ left: Math.max(0, most - current), limit: `pids.max ${most}` }];
  });
  return rooms.sort((a, b) => a.left - b.left)[0] ?? null;
}

/** The CPUs that the groups allow, as the kernel writes them (`0-3,8`); null where no group restricts them visibly. */
export function allowedByGroup(root = '/'): string | null {
  for (const folder of groupFolders(root)) {
    for (const file of ['cpuset.cpus.effective', 'cpuset.effective_cpus', 'cpuset.cpus']) {
      const list = readText(join(folder, file))?.trim();
      if (list) return list;
    }
  }
  return null;
}

/**
 * Whether the kernel keeps beside each object of this process which group pays for it: in any memory group but the root's,
 * unless the kernel was told not to at boot. In a container the path may be the root's and the folder is not: version 1
 * has `release_agent` at its root only, version 2 has `memory.current` everywhere else.
 */
export function kernelMemoryIsCharged(root = '/'): boolean {
  if (/\bnokmem\b|\bcgroup_disable=\S*memory/.test(readText(join(root, 'proc/cmdline')) ?? '')) return false;
  return (readText(join(root, 'proc/self/cgroup')) ?? '').split('\n').some((line) => {
    const [, controllers, ...rest] = line.split(':');
    const path = rest.join(':');
    const has = (folder: string, file: string) => existsSync(join(root, 'sys/fs/cgroup', folder, file));
    if (controllers === '') {
      return has(path, 'memory.current') || has(join('unified', path), 'memory.current');
    }
    if (!controllers?.split(',').includes('memory')) return false;
    return path !== '/' || (has('memory', 'cgroup.procs') && !has('memory', 'release_agent'));
  });
}

/**
 * The folders of this process's groups, innermost first. Inside a container the path that the process sees may be the
 * host's; then only the top of the hierarchy exists, and that is the container's own group.
 */
function groupFolders(root: string): string[] {
  const lines = (readText(join(root, 'proc/self/cgroup')) ?? '').trim().split('\n');
  const paths = lines.map((line) => line.split(':').slice(2).join(':') || '/');
  const groups = new Set(paths.flatMap(withAncestors).sort((a, b) => b.length - a.length));
  return [...groups].flatMap((group) => HIERARCHIES.map((hierarchy) => join(root, hierarchy, group)));
}

const withAncestors = (path: string): string[] =>
  path === '/' || path === '.' ? ['/'] : [path, ...withAncestors(dirname(path))];

/** `max 100000` and `-1 100000` are no limit. */
function coresIn(text: string | null): number | null {
  const [quota, period] = (text ?? '').trim().split(/\s+/).map(Number);
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : null;
}
