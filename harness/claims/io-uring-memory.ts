import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { intervalsOfMedians } from '../statistics/bootstrap.js';
import { seedFrom } from '../statistics/random.js';
import { type ClaimDefinition, judgeAll, undecided } from './claim.js';
import { comparedConditions, type Evidence, Missing, optional } from './evidence.js';
import { bytes, times } from './figure-text.js';
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

const FACTOR_OF_TWO = { from: 0.5, to: 2 };
/** With fewer, what each CPU keeps of half-used slabs hides too much. */
const LEAST = 2000;

const manyOf = (evidence: Evidence, poller: string, source: Source): MeasuredCell[] =>
  poolCells(evidence, poller, source).filter(({ factors }) => Number(factors.watched) >= LEAST);

const watchedBy = (cells: readonly MeasuredCell[]) => cells.map(({ factors }) => Number(factors.watched));

/** By how much `values` grow with each of `counts`, by least squares. */
function growthOf(counts: readonly number[], values: ArrayLike<number>): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const spread = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return counts.reduce((slope, count, at) => slope + ((count - mean) * (values[at] as number)) / spread, 0);
}

/** Bytes per fd of io_uring over those of epoll, over the counts that both have; null with fewer than two. */
function ratioOf(evidence: Evidence, source: Source): Effect | null {
  const [rings, epolls] = ['io_uring', 'epoll'].map((poller) => manyOf(evidence, poller, source)) as [
    MeasuredCell[],
    MeasuredCell[],
  ];
  const both = watchedBy(rings).filter((count) => watchedBy(epolls).includes(count));
  const [over, under] = [rings, epolls].map((cells) =>
    cells.filter(({ factors }) => both.includes(Number(factors.watched))),
  ) as [MeasuredCell[], MeasuredCell[]];
  const [ring, epoll] = [over.at(-1), under.at(-1)];
  if (both.length < 2 || !ring || !epoll) return null;
  const name = `ioUringOverEpollKernelBytesPerFd${source === 'read' ? 'Read' : 'Computed'}`;
  const { it } = intervalsOfMedians(
    evidence.rounds('kernelPersistentBytes', [...over, ...under]),
    (medians) => ({
      it: growthOf(both, medians.slice(0, both.length)) / growthOf(both, medians.slice(both.length)),
    }),
    { seed: seedFrom(evidence.seed, name) },
  );
  const { value, low, high, n } = it;
  return ofQuantity<Effect>('oneMoreFd', {
    name,
    value,
    low,
    high,
    unit: 'ratio',
    n,
    decides: true,
    factors: comparedConditions(ring, epoll),
  });
}

export const ioUringMemory: ClaimDefinition = {
  id: 'io-uring-memory',
  source: 'asked',
  kind: 'read',
  statement: 'io_uring takes about as much memory of the kernel for each watched fd as epoll does',
  rule: {
    version: 1,
    text:
      "Growth of the kernel's lasting bytes with each watched fd, io_uring over epoll, N = 2 000 to the most; the rings are the " +
      "program's memory, too, and stand there. What the kernel counts decides where it may be read: holds if the interval of the " +
      'ratio lies within 0.5..2, fails if it lies outside; undecided where the ratio of what the structures add up to is more ' +
      'than 15 % away. Where nothing may be read, that ratio decides and the verdict says so.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const computed = ratioOf(evidence, 'computed');
    if (!computed) {
      // Names what left the cells out.
      for (const poller of ['io_uring', 'epoll']) poolCell(evidence, poller, 'computed', LEAST);
      throw new Missing(`two cells of io_uring and epoll with ${LEAST} fds or more`);
    }
    const read = ratioOf(evidence, 'read');
    const source = read ? 'read' : 'computed';
    const booked = byTheBooks(read, computed, FACTOR_OF_TWO);
    const apart = disagreementOf([booked]);
    const [ring, epoll] = (['io_uring', 'epoll'] as const).map((poller) =>
      ofQuantity(
        'oneMoreFd',
        slopeOf(
          evidence,
          poller === 'epoll' ? 'epollKernelBytesPerFdBeside' : 'ioUringKernelBytesPerFd',
          manyOf(evidence, poller, source),
          'kernelPersistentBytes',
          false,
        ),
      ),
    ) as [Effect, Effect];
    const most = manyOf(evidence, 'io_uring', source).at(-1);
    const rings = most ? optional(() => evidence.figure('ioUringRingBytes', most, 'userBytes', false)) : [];
    return {
      ...(apart === null ? judgeAll([booked.judged]) : undecided(apart)),
      effects: [booked.judged, ...booked.beside, ring, epoll, ...rings],
      finding:
        `io_uring keeps ${bytes(ring.value)} in the kernel for each socket that it watches and epoll ${bytes(epoll.value)}, ` +
        `a factor of ${times(booked.judged.value)}${read ? '' : ` (${labelOf(evidence)})`}.`,
      explanation:
        'A request that waits is a struct io_kiocb with its place in the wait queue of the fd inside; epoll has three smaller ' +
        'objects in its place (epitem, eppoll_entry, epitems_head), and a pointer to the memory cgroup that pays beside each. ' +
        'Beside the requests io_uring has its two rings, which program and kernel share and which grow with the fds that may ' +
        'answer at once: they are counted as bytes of the program.' +
        (read ? '' : ` This is ${labelOf(evidence)}; root may read /proc/slabinfo.`),
    };
  },
};
