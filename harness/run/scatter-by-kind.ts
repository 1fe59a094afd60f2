import {
  type EstimatedVariance,
  type LaunchFigures,
  type LaunchWindows,
  type ScatterPrior,
  scatterPrior,
  variancesOfCells,
} from '../statistics/scatter-prior.js';

/** What a cell cost in each launch, and in which window. */
export interface CellOfLaunches {
  readonly figures: LaunchFigures;
  readonly windows: LaunchWindows;
}

/**
 * What is known beforehand of each cell's scatter from launch to launch, from all cells of its experiment: of those of its
 * kind, or of all where they are too few.
 */
export function priorsByKind(cells: ReadonlyMap<string, CellOfLaunches>): Map<string, ScatterPrior> {
  const all = [...cells.values()];
  const shared = sharedWindows(all);
  const kindOfCell = [...cells].map(([id, { windows }]) =>
    kindOf(
      id,
      windows.some((window) => window !== null && shared.has(window)),
    ),
  );
  const variances = variancesOfCells(
    all.map(({ figures }) => figures),
    all.map(({ windows }) => windows),
  );
  const kinds = new Map<string, EstimatedVariance[]>();
  for (const [at, variance] of variances.entries()) {
    if (variance === null) continue;
    const kind = kindOfCell[at] as string;
    kinds.set(kind, [...(kinds.get(kind) ?? []), variance]);
  }
  const ofAll = scatterPrior(variances.filter((variance) => variance !== null));
  const ofKinds = new Map([...kinds].map(([kind, estimated]) => [kind, scatterPrior(estimated)]));
  return new Map(
    [...cells.keys()].flatMap((id, at): [string, ScatterPrior][] => {
      const prior = ofKinds.get(kindOfCell[at] as string) ?? ofAll;
      return prior ? [[id, prior]] : [];
    }),
  );
}

function sharedWindows(cells: readonly CellOfLaunches[]): ReadonlySet<string> {
  const names = cells.flatMap(({ windows }) => windows.filter((window) => window !== null));
  return new Set(names.filter((name, at) => names.indexOf(name) !== at));
}

/**
 * What cells of one kind have in common: all but the poller, the counts and where the ready one is; whether they share windows with
 * others. A copy of the same code is of the same kind.
 */
function kindOf(cell: string, sharesWindows: boolean): string {
  const [, , series = '', factors = ''] = cell.split('/');
  const kinds = factors.split(',').filter((factor) => {
    const [name, value] = factor.split('=');
    return name !== 'position' && Number.isNaN(Number(value));
  });
  return [series.replace('-again', ''), ...kinds, ...(sharesWindows ? ['in shared windows'] : [])].join(' ');
}
