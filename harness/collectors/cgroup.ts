import { dirname, join } from 'node:path';
import { readText } from './collector.js';

/** What this process's control groups, version 1 or 2, leave of the machine. */

const HIERARCHIES = ['cpu', 'cpu,cpuacct', 'cpuset', 'unified', ''].map((name) => `/sys/fs/cgroup/${name}`);

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
