import { USUAL_CONDITIONS } from '../../harness/processes/turn-probe/protocol.js';
import type { Figure, MeasuredCell, Run } from '../../harness/results/run-schema.js';

/** A figure that two experiments of one run both have, of the same poller under the same conditions. */
export interface SamePair {
  readonly metric: string;
  readonly cells: readonly [string, string];
  readonly ratio: number;
  /** Farther apart than half of both intervals together: 5 % of such pairs are, where the intervals say 95 %. */
  readonly apart: boolean;
}

/** All pairs of a run. What has no scatter (a count, bytes) is left out: it says nothing of intervals. */
export function samePairs(
  { cells }: Pick<Run, 'cells'>,
  what: 'atFullSpeed' | 'all' = 'atFullSpeed',
): SamePair[] {
  const byConditions = new Map<string, MeasuredCell[]>();
  for (const cell of cells) {
    if (cell.status !== 'measured') continue;
    const key = conditionsOf(cell);
    byConditions.set(key, [...(byConditions.get(key) ?? []), cell]);
  }
  return [...byConditions.values()].flatMap((same) =>
    same.flatMap((first, at) =>
      same
        .slice(at + 1)
        .filter(({ experiment }) => experiment !== first.experiment)
        .flatMap((second) => pairsOf(first, second, what)),
    ),
  );
}

/** Factors that one experiment leaves out are as usual there. */
function conditionsOf({ poller, series, factors }: MeasuredCell): string {
  const all = Object.entries({ ...USUAL_CONDITIONS, ...factors }).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([poller, series, all]);
}

function pairsOf(first: MeasuredCell, second: MeasuredCell, what: 'atFullSpeed' | 'all'): SamePair[] {
  return Object.entries(first.metrics).flatMap(([metric, figure]) => {
    const other = second.metrics[metric];
    if (!other) return [];
    const [a, b] = [intervalOf(figure, what), intervalOf(other, what)];
    const widths = [a, b].map(({ low, high }) => high - low);
    if (widths.some((width) => width === 0) || !(a.value > 0) || !(b.value > 0)) return [];
    // Two independent errors: their half widths add as squares do.
    const together = Math.hypot(...widths) / 2;
    const apart = Math.abs(a.value - b.value) > together;
    return [{ metric, cells: [first.id, second.id], ratio: b.value / a.value, apart } as const];
  });
}

const intervalOf = (figure: Figure, what: 'atFullSpeed' | 'all') =>
  what === 'all' ? (figure.all ?? figure) : figure;

/** Of the pairs, how many are farther apart than their intervals say; null where there are none. */
export const shareApart = (pairs: readonly SamePair[]): number | null =>
  pairs.length === 0 ? null : pairs.filter(({ apart }) => apart).length / pairs.length;
