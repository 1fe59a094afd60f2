import type { Cell, MeasuredCell } from '../results/run-schema.js';
import { launchRatio } from '../statistics/launch-intervals.js';
import type { Rounds } from '../statistics/rounds.js';

/** Two visits of one condition by copies of the same code, and how far apart they measured. */
export interface NoisePair {
  readonly experiment: string;
  readonly metric: string;
  readonly logRatio: number;
  readonly rounds: number;
  readonly launches: number;
}

/** What verdicts rest on, the widest first: a cycle surrounds its turn. */
const COMPARED_TWICE = ['cpuNsPerCycle', 'cpuNsPerTurn', 'cpuUsPerRequest'] as const;

/**
 * All pairs of a run, for the metrics that verdicts rest on. Latencies have none: a pair of windows of a second for them would
 * take a tenth of a run. What a clock did not resolve makes none.
 */
export function noisePairsOf(
  cells: readonly Cell[],
  launches: (metric: string, cells: readonly string[]) => Rounds[],
): NoisePair[] {
  const measured = cells.filter((cell): cell is MeasuredCell => cell.status === 'measured');
  const first = new Map(measured.filter(({ series }) => series === 'pollcost').map(({ id }) => [id, id]));
  return measured
    .filter(({ series }) => series === 'pollcost-again')
    .flatMap((again) =>
      COMPARED_TWICE.flatMap((metric): NoisePair[] => {
        const of = first.get(again.id.replace('/pollcost-again/', '/pollcost/'));
        if (of === undefined || again.metrics[metric] === undefined) return [];
        const [once = [], twice = []] = launches(metric, [of, again.id]);
        if (once.length === 0 || ![...once, ...twice].flat().every((figure) => figure > 0)) return [];
        const { value, n } = launchRatio(twice, once);
        const { experiment } = again;
        return [{ experiment, metric, logRatio: Math.log(value), rounds: n, launches: once.length }];
      }),
    );
}

/** One of each pair: of a cycle and the turn in it the cycle, whose verdicts rest on it. */
export const widestOf = (pairs: readonly NoisePair[]): NoisePair[] => {
  const cycles = new Set(
    pairs.filter(({ metric }) => metric === 'cpuNsPerCycle').map(({ experiment }) => experiment),
  );
  return pairs.filter(({ experiment, metric }) => !(metric === 'cpuNsPerTurn' && cycles.has(experiment)));
};
