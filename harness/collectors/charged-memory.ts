import { join } from 'node:path';
import { kernelMemoryIsCharged } from './cgroup.js';
import { numberIn, readText } from './collector.js';

/** Kernel memory that the control group of this process and its children pays for. Anybody may read it. */

/** Version 1: all of it, in pages. Null where version 1 does not count it. */
export const kmemBytes = (root = '/'): number | null =>
  charged(root, 'memory', (path) => [join('memory', path), 'memory'], 'memory.kmem.usage_in_bytes', /^(\d+)/);

/** Version 2: of it what lies in slabs, by the object. Null where version 2 does not count it. */
export const statSlabBytes = (root = '/'): number | null =>
  charged(root, '', (path) => [path, join('unified', path), '.'], 'memory.stat', /^slab (\d+)$/m);

/** In a container the path may be the host's; then the top of the hierarchy is the container's own group. */
function charged(
  root: string,
  controller: string,
  foldersOf: (path: string) => readonly string[],
  file: string,
  pattern: RegExp,
): number | null {
  if (!kernelMemoryIsCharged(root)) return null;
  for (const line of (readText(join(root, 'proc/self/cgroup')) ?? '').split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (!controllers?.split(',').includes(controller)) continue;
    for (const folder of foldersOf(path.join(':'))) {
      const bytes = numberIn(readText(join(root, 'sys/fs/cgroup', folder, file)), pattern);
      if (bytes !== null) return bytes;
    }
  }
  return null;
}
