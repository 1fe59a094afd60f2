import { ofQuantity } from '../results/effect-factors.js';
import { type ClaimDefinition, judgeAll, undecided } from './claim.js';
import { type Evidence, exact, Missing } from './evidence.js';
import { bytes } from './figure-text.js';
import {
  byTheBooks,
  disagreementOf,
  EXPERIMENT,
  labelOf,
  poolCell,
  poolCells,
  type Source,
  slopeOf,
} from './ledger.js';

const CLAIMED = { from: 10, to: 40 };
/** With fewer, what each CPU keeps of half-used slabs hides too much. */
const LEAST = 2000;
/** struct epitem, struct eppoll_entry and struct epitems_head, and a pointer to the cgroup that pays for each. */
const ON_X64 = 128 + 64 + 16;
const POINTERS = 3 * 8;

export const epoll20Bytes: ClaimDefinition = {
  id: 'epoll-20-bytes',
  source: 'answer',
  kind: 'read',
  statement: 'epoll takes roughly 20 kB for 1 000 fds, 20 bytes each',
  rule: {
    version: 2,
    text:
      "Growth of the kernel's lasting bytes with each watched fd under epoll, N = 2 000 to the most, over epoll's three slab " +
      'caches. What the kernel counts decides where it may be read: holds if the interval lies within 10..40, fails if it lies ' +
      'outside; undecided where what its structures add up to is more than 15 % away. Where nothing may be read, that sum ' +
      'decides and the verdict says so.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const computed = kernelBytesPerFd(evidence, 'computed');
    if (!computed) {
      // Names what left the cells out.
      poolCell(evidence, 'epoll', 'computed', LEAST);
      throw new Missing(`two cells of epoll with ${LEAST} fds or more`);
    }
    const read = kernelBytesPerFd(evidence, 'read');
    const accounted = accountedBytes(evidence);
    const booked = byTheBooks(read, computed, CLAIMED);
    const apart = disagreementOf([booked]);
    const apartBy =
      read &&
      ({
        ...exact('shareByWhichReadDiffersFromComputed', read.value / computed.value - 1, 'ratio', false),
        ratioKind: 'share',
      } as const);
    return {
      ...(apart === null ? judgeAll([booked.judged]) : undecided(apart)),
      effects: [booked.judged, ...booked.beside, ...(apartBy ? [apartBy] : []), ...accounted],
      finding: `epoll keeps ${bytes(booked.judged.value)} in the kernel for each socket that it watches${read ? '' : ` (${labelOf(evidence)})`}.`,
      explanation:
        'ep_insert() allocates a struct epitem, and ep_ptable_queue_proc() a struct eppoll_entry for the wait queue; ' +
        'attach_epitem() gives the file an ep_head, the first time that anybody watches it. On x64 their objects take 128, ' +
        `64 and 16 bytes; ${layout(computed.value)}` +
        (read
          ? `By ${evidence.environment.slabinfo ? 'the objects that /proc/slabinfo counts' : 'what the memory cgroup of this process is charged'} it is ${read.value.toFixed(1)} (${read.low.toFixed(1)} to ${read.high.toFixed(1)}), ` +
            `${((apartBy?.value ?? 0) * 100).toFixed(1)} % from what was computed.`
          : `This is ${labelOf(evidence)}; root may read /proc/slabinfo.`) +
        (accounted[0]
          ? ` The kernel itself allows max_user_watches at ${accounted[0].value.toFixed(0)} bytes each, unless somebody set it.`
          : ''),
    };
  },
};

function layout(bytesPerFd: number): string {
  const here = `here they add up to ${bytesPerFd.toFixed(0)} bytes per fd`;
  if (bytesPerFd === ON_X64) return `${here}, and no memory cgroup adds pointers to them. `;
  if (bytesPerFd === ON_X64 + POINTERS)
    return `${here}: each has a pointer of 8 bytes beside it, to the memory cgroup of this process, which pays. `;
  return `${here}: this kernel lays them out in another way. `;
}

const nameOf = (source: Source): string => `kernelBytesPerFd${source === 'read' ? 'Read' : 'Computed'}`;

/** Null with fewer than two cells. */
export function kernelBytesPerFd(evidence: Evidence, source: Source, name = nameOf(source)) {
  const cells = poolCells(evidence, 'epoll', source).filter(
    ({ factors }) => Number(factors.watched) >= LEAST,
  );
  if (cells.length < 2) return null;
  return ofQuantity('oneMoreFd', slopeOf(evidence, name, cells, 'kernelPersistentBytes', true));
}

/** eventpoll_init() lets one user's watches take a twenty-fifth of low memory. */
function accountedBytes({ environment: { memoryBytes, maxUserWatches } }: Evidence) {
  if (maxUserWatches === null || maxUserWatches === 0) return [];
  return [exact('bytesPerWatchByMaxUserWatches', memoryBytes / 25 / maxUserWatches, 'bytes', false)];
}
