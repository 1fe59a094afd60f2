import {
  type EstimatedVariance,
  type LaunchFigures,
  type ScatterPrior,
  scatterPrior,
  variancesOfCells,
} from '../statistics/scatter-prior.js';

/** What a cell cost in each launch, and the window that this is of, by name, which cells that share it have in common; null: of none. */
export interface CellOfLaunches {
  readonly figures: LaunchFigures;
  readonly windows: readonly (string | null)[];
}

/**
 * What is known beforehand of each cell's scatter from launch to launch, from all cells of its experiment: of those of its
 * kind, or of all where they are too few. Cells whose pollers take turns within one window are compared within it, and know of their
 * scatter there what their own launches show: nothing of others, nor they of them.
 */
export function priorsByKind(cells: ReadonlyMap<string, CellOfLaunches>): Map<string, ScatterPrior> {
  const alone = withoutSharedWindows(cells);
  const ids = [...alone.keys()];
  const variances = variancesOfCells([...alone.values()].map(({ figures }) => figures));
  const kinds = new Map<string, EstimatedVariance[]>();
  for (const [at, variance] of variances.entries()) {
    if (variance === null) continue;
    const kind = kindOf(ids[at] as string);
    kinds.set(kind, [...(kinds.get(kind) ?? []), variance]);
  }
  const ofAll = scatterPrior(variances.filter((variance) => variance !== null));
  const ofKinds = new Map([...kinds].map(([kind, estimated]) => [kind, scatterPrior(estimated)]));
  return new Map(
    ids.flatMap((id): [string, ScatterPrior][] => {
      const prior = ofKinds.get(kindOf(id)) ?? ofAll;
      return prior ? [[id, prior]] : [];
    }),
  );
}

function withoutSharedWindows(cells: ReadonlyMap<string, CellOfLaunches>): Map<string, CellOfLaunches> {
  const times = new Map<string, number>();
  for (const { windows } of cells.values())
    for (const window of windows) if (window !== null) times.set(window, (times.get(window) ?? 0) + 1);
  const isShared = (window: string | null) => window !== null && (times.get(window) ?? 0) > 1;
  return new Map([...cells].filter(([, { windows }]) => !windows.some(isShared)));
}

/**
 * What cells of one kind have in common: all but the poller, the counts and where the ready one is. A copy of the same code is of the
 * same kind.
 */
function kindOf(cell: string): string {
  const [, , series = '', factors = ''] = cell.split('/');
  const kinds = factors.split(',').filter((factor) => {
    const [name, value] = factor.split('=');
    return name !== 'position' && Number.isNaN(Number(value));
  });
  return [series.replace('-again', ''), ...kinds].join(' ');
}
