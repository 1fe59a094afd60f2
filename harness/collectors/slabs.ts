import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './collector.js';

/** Kernel memory by kind of object, from /proc/slabinfo, which is root's. */

export interface Slab {
  /** Objects in use; those on a CPU's own partial slabs count as used, so that small differences are lost. */
  readonly objects: number;
  /** What each takes of its slab. */
  readonly objectBytes: number;
}

/** These caches by name; null where slabinfo cannot be read. A cache that this kernel does not have is left out. */
export function readSlabs(names: readonly string[], root = '/'): Map<string, Slab> | null {
  const text = readText(join(root, 'proc/slabinfo'));
  if (text === null) return null;
  const lines = new Map<string, Slab>();
  for (const line of text.split('\n').slice(2)) {
    const [name, objects, , objectBytes] = line.split(/\s+/);
    if (name) lines.set(name, { objects: Number(objects), objectBytes: Number(objectBytes) });
  }
  const found = names.flatMap((name) => {
    const listed = lines.has(name) ? name : sharersOf(name, root).find((sharer) => lines.has(sharer));
    return listed === undefined ? [] : [[name, lines.get(listed) as Slab] as const];
  });
  return new Map(found);
}

const known = new Map<string, readonly string[]>();

/** Caches of equal objects are merged, and slabinfo lists one of their names: all that share one with this name. */
function sharersOf(name: string, root: string): readonly string[] {
  const folder = join(root, 'sys/kernel/slab');
  const key = join(folder, name);
  const before = known.get(key);
  if (before) return before;
  const target = linkIn(folder, name);
  const sharers =
    target === null ? [] : readdirSync(folder).filter((other) => linkIn(folder, other) === target);
  known.set(key, sharers);
  return sharers;
}

function linkIn(folder: string, name: string): string | null {
  try {
    return readlinkSync(join(folder, name));
  } catch (error) {
    // EINVAL: a cache that shares with no other is a folder of its own.
    if (['ENOENT', 'EINVAL', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
