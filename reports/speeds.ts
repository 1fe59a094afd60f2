import type { SampleLine } from '../harness/results/samples-schema.js';
import { readingsOf } from '../harness/statistics/full-speed.js';

/** How fast the core was while a round ran: what a pass of the sentinel took beside its batches, in ns. */
export interface RoundSpeed {
  readonly experiment: string;
  /** Since the first round of the run. */
  readonly atSeconds: number;
  readonly fastestNs: number;
  readonly medianNs: number;
  readonly slowestNs: number;
}

/** The speeds of a run by its rounds, in the order of time; empty where none were read. */
export const speedsOf = (lines: readonly SampleLine[]): RoundSpeed[] => {
  const passes = new Map<string, number[]>();
  const speeds: RoundSpeed[] = [];
  let began: number | undefined;
  for (const line of lines) {
    if (line.kind === 'sample' && line.speed) {
      const key = `${line.experiment} ${line.launch} ${line.round}`;
      const readings = readingsOf(line.speed);
      const known = passes.get(key);
      if (known) known.push(...readings);
      else passes.set(key, readings);
    } else if (line.kind === 'round') {
      const at = Date.parse(line.startedAt) / 1000;
      began = Math.min(began ?? at, at);
      const sorted = (passes.get(`${line.experiment} ${line.launch} ${line.round}`) ?? []).sort(
        (a, b) => a - b,
      );
      const [fastestNs] = sorted;
      const [medianNs, slowestNs] = [sorted[sorted.length >> 1], sorted.at(-1)];
      if (fastestNs === undefined || medianNs === undefined || slowestNs === undefined) continue;
      speeds.push({ experiment: line.experiment, atSeconds: at, fastestNs, medianNs, slowestNs });
    }
  }
  return speeds
    .map((speed) => ({ ...speed, atSeconds: speed.atSeconds - (began ?? 0) }))
    .sort((a, b) => a.atSeconds - b.atSeconds);
};
