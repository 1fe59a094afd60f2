import { kmemBytes, statSlabBytes } from '../collectors/charged-memory.js';
import { readSlabs } from '../collectors/slabs.js';
import type { MetricName } from '../results/metrics.js';
import { CACHES, type ObjectBytes } from './kernel-layouts.js';

/** The kernel's own books on what stays allocated: each is a way of reading by itself, and has a metric of its own. */

export type Kind = keyof ObjectBytes;

interface Book {
  readonly metric: MetricName;
  /** All that it counts at this moment: of these kinds of object where it tells them apart. Null: it is closed here. */
  read(kinds: readonly Kind[], besideBytes: number, root?: string): number | null;
}

/** The first that is open decides: what counts objects by their kind is moved least by what else happens. */
const BOOKS: readonly Book[] = [
  { metric: 'persistentBytesBySlabinfo', read: slabBytes },
  { metric: 'persistentBytesByMemoryStat', read: (_kinds, _beside, root) => statSlabBytes(root) },
  { metric: 'persistentBytesByMemoryKmem', read: (_kinds, _beside, root) => kmemBytes(root) },
];

export interface Reading {
  readonly metric: MetricName;
  readonly bytes: number;
}

/** What each open book says, the one that decides first; none where all are closed. */
export const readBooks = (kinds: readonly Kind[], besideBytes: number, root = '/'): Reading[] =>
  BOOKS.flatMap(({ metric, read }) => {
    const bytes = read(kinds, besideBytes, root);
    return bytes === null ? [] : [{ metric, bytes }];
  });

/** Bytes in these caches, and of what lies beside each object for its cgroup; null where slabinfo is closed. */
function slabBytes(kinds: readonly Kind[], besideBytes: number, root = '/'): number | null {
  const slabs = readSlabs(
    kinds.map((kind) => CACHES[kind]),
    root,
  );
  if (slabs === null) return null;
  let bytes = 0;
  for (const { objects, objectBytes } of slabs.values()) bytes += objects * (objectBytes + besideBytes);
  return bytes;
}
