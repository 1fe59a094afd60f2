import type { MeasuredCell, Run } from '../results/run-schema.js';
import type { PollerId } from './terms.js';

/** How much dearer a turn was with cold caches than with hot ones, at the watched count nearest to this; null: not measured. */
export function coldFactor(run: Pick<Run, 'cells'>, poller: PollerId, watched: number): number | null {
  const cells = run.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === 'measured' &&
      cell.experiment === 'temperature' &&
      cell.series === 'pollcost' &&
      cell.poller === poller &&
      cell.factors.timeout === 'zero',
  );
  const costs = (temperature: string) =>
    new Map(
      cells
        .filter(({ factors }) => factors.temperature === temperature)
        .map(({ factors, metrics }) => [Number(factors.watched), metrics.cpuNsPerTurn?.value ?? Number.NaN]),
    );
  const [hot, cold] = [costs('hot'), costs('cold')];
  const distance = (count: number) => Math.abs(Math.log(count / watched));
  const [nearest] = [...cold.keys()]
    .filter((count) => hot.has(count))
    .sort((a, b) => distance(a) - distance(b));
  return nearest === undefined ? null : (cold.get(nearest) as number) / (hot.get(nearest) as number);
}
