import { quantile } from './median.js';

/**
 * How many speeds a core has, by readings of the sentinel over some time: a core that is shared runs at one of few, not at
 * any between.
 */

/** What is seen less often is a moment between two speeds. */
const LEAST_SHARE = 0.05;
/** Readings of one speed lie this close to its middle. */
const WIDTH = 0.1;
/** Nearer than this, two are one speed that scatters. */
const APART = 1.25;
/** A busy neighbour on the same core makes the sentinel 1.5 times dearer and more; scatter does not. */
const SHARING = 1.2;
/** Of the readings: what a core reaches although others come and go. */
const REACHED = 0.2;

/** A speed and how often it is seen. */
export interface SpeedLevel {
  readonly ns: number;
  readonly share: number;
}

/** The speeds that these readings show, the fastest first; what is between them counts for none. */
export function speedLevelsOf(readings: readonly number[]): SpeedLevel[] {
  const least = Math.max(1, readings.length * LEAST_SHARE);
  const levels: { ns: number; count: number }[] = [];
  let left = [...readings].sort((a, b) => a - b);
  while (left.length >= least) {
    const { from, to } = densest(left);
    const members = left.slice(from, to);
    if (members.length < least) break;
    left = [...left.slice(0, from), ...left.slice(to)];
    const ns = quantile(members, 0.5);
    const near = levels.find((level) => Math.max(ns / level.ns, level.ns / ns) < APART);
    if (near) near.count += members.length;
    else levels.push({ ns, count: members.length });
  }
  return levels.map(({ ns, count }) => ({ ns, share: count / readings.length })).sort((a, b) => a.ns - b.ns);
}

/** The stretch of ascending readings within one width that has most of them. */
function densest(sorted: readonly number[]): { from: number; to: number } {
  let best = { from: 0, to: 0 };
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && (sorted[to] as number) <= (sorted[from] as number) * (1 + 2 * WIDTH)) to++;
    if (to - from > best.to - best.from) best = { from, to };
  }
  return best;
}

/** Whether two CPUs are threads of one core: by readings on one of them, taken while the other was left alone and kept busy. */
export function shareOneCore(alone: readonly number[], besideBusy: readonly number[]): boolean {
  return quantile(besideBusy, REACHED) / quantile(alone, REACHED) > SHARING;
}
