import type { Effect, Factors } from '../results/run-schema.js';

/** What was measured at one count, relative to a limit that it may not reach. */
export interface Step extends Pick<Effect, 'value' | 'low' | 'high'> {
  readonly at: number;
}

/**
 * Where a figure that grows with a count reaches a limit. `low`: the largest measured count up to which every upper end is
 * below the limit, 0 if the first is not; `high`: the first whose lower end is not below it, or the largest measured one
 * where there is none (then the boundary lies beyond what was measured, or is not known better). `value` is interpolated
 * between the two counts where the middle figure crosses. `steps` are in the order of their counts, at least one.
 */
export function boundaryWhere(name: string, steps: readonly Step[], limit: number, factors: Factors): Effect {
  const firstAstride = steps.findIndex(({ high }) => high >= limit);
  const low = firstAstride === -1 ? last(steps).at : (steps[firstAstride - 1]?.at ?? 0);
  const high = Math.max(low, (steps.find((step) => step.low >= limit) ?? last(steps)).at);
  const value = Math.min(high, Math.max(low, crossing(steps, limit)));
  return { name, value, low, high, unit: 'count', n: steps.length, decides: false, factors };
}

const last = (steps: readonly Step[]): Step => steps.at(-1) as Step;

function crossing(steps: readonly Step[], limit: number): number {
  const above = steps.findIndex(({ value }) => value >= limit);
  if (above === -1) return last(steps).at;
  const [before, after] = [steps[above - 1], steps[above] as Step];
  if (!before) return 0;
  const share = (limit - before.value) / (after.value - before.value);
  return before.at + share * (after.at - before.at);
}
