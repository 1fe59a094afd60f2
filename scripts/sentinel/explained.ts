import { fullSpeedOf } from '../../harness/statistics/full-speed.js';

/** How much of the scatter of costs a sentinel's readings explain: the squared correlation of the ranks, 0..1. */
export function explainedShare(costs: readonly number[], readings: readonly (readonly number[])[]): number {
  const speeds = readings.map((pair) => pair.reduce((product, reading) => product * reading, 1));
  const [a, b] = [ranksOf(costs), ranksOf(speeds)];
  const mean = (costs.length - 1) / 2;
  const sum = (of: (at: number) => number) => costs.reduce((total, _, at) => total + of(at), 0);
  const rankA = (at: number) => (a[at] as number) - mean;
  const rankB = (at: number) => (b[at] as number) - mean;
  const covariance = sum((at) => rankA(at) * rankB(at));
  const variances = sum((at) => rankA(at) ** 2) * sum((at) => rankB(at) ** 2);
  return variances === 0 ? 0 : covariance ** 2 / variances;
}

/** Costs where all readings are at the full speed that those of `everywhere` show; all of them where these are too few to tell. */
export function chosenByFullSpeed(
  costs: readonly number[],
  readings: readonly (readonly number[])[],
  everywhere: readonly number[],
): number[] {
  const full = fullSpeedOf(everywhere);
  if (full === null) return [...costs];
  return costs.filter((_, at) =>
    readings[at]?.every((reading) => reading >= full.from && reading <= full.to),
  );
}

/** Equal values share their mean rank. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks: number[] = [];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (const at of order.slice(from, to)) ranks[at] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}
