import {
  type EstimatedVariance,
  type LaunchFigures,
  type ScatterPrior,
  scatterPrior,
  variancesOfCells,
} from '../statistics/scatter-prior.js';

/**
 * What is known beforehand of each cell's scatter from launch to launch, from all cells of its experiment: of those of its
 * kind, or of all where they are too few.
 */
export function priorsByKind(cells: ReadonlyMap<string, LaunchFigures>): Map<string, ScatterPrior> {
  const ids = [...cells.keys()];
  const variances = variancesOfCells([...cells.values()]);
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

/**
 * What cells of one kind have in common: all but the poller, the counts and where the ready one is. A copy of the same code is
 * of the same kind.
 */
function kindOf(cell: string): string {
  const [, , series = '', factors = ''] = cell.split('/');
  const kinds = factors.split(',').filter((factor) => {
    const [name, value] = factor.split('=');
    return name !== 'position' && Number.isNaN(Number(value));
  });
  return [series.replace('-again', ''), ...kinds].join(' ');
}
