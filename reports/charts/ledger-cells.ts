import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';

/** The memory ledger, cell by cell: what its structures add up to, and what was read of the kernel. */
export type Source = 'computed' | 'read';

/** Where memory lies. */
export const places = {
  userBytes: 'handed over by the program',
  userCopyBytes: 'the poller’s own copies',
  kernelPersistentBytes: 'kernel, for good',
  kernelBlockedBytes: 'kernel, while blocked',
  socketBytes: 'connections, both ends',
} as const;
export type Place = keyof typeof places;

/** Node holds the first numbers; a set that starts elsewhere is another question (one fd with a high number). */
const startsLow = ({ factors }: MeasuredCell): boolean => {
  const before = Number(factors.highestFd) - Number(factors.watched);
  return before > 0 && before < 64;
};

/** Cells in which the lowest free numbers are watched, by how many. */
export const ledgerCells = (run: Run, source: Source): MeasuredCell[] =>
  run.cells
    .filter(
      (cell): cell is MeasuredCell =>
        cell.status === 'measured' && cell.experiment === 'memory' && cell.factors.source === source,
    )
    .filter(startsLow)
    .sort((a, b) => Number(a.factors.watched) - Number(b.factors.watched));
