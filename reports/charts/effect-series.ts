import type { Effect, Factors } from '../../harness/results/run-schema.js';

/** Effects that differ in how many fds or connections there were, and in nothing else. */
export interface EffectSeries {
  /** What they have in common. */
  readonly factors: Factors;
  readonly effects: readonly Effect[];
}

/** With fewer effects than this a claim shows them all in one table. */
const MANY = 13;
const LEAST_IN_SERIES = 3;
const COUNTS = ['watched', 'ready', 'idle', 'active'];

/** Takes apart what stands for itself and what belongs to a series; a claim with few effects has no series. */
export const inSeries = (
  effects: readonly Effect[],
): { readonly single: readonly Effect[]; readonly series: readonly EffectSeries[] } => {
  if (effects.length < MANY) return { single: effects, series: [] };
  const byConditions = new Map<string, { factors: Factors; effects: Effect[] }>();
  for (const effect of effects) {
    const factors = Object.fromEntries(
      Object.entries(effect.factors).filter(([name]) => !COUNTS.includes(name)),
    );
    // A crossover has none of the counts that it was found over.
    const counted = COUNTS.filter((name) => name in effect.factors);
    const key = JSON.stringify([effect.unit, counted, factors]);
    const group = byConditions.get(key);
    if (group) group.effects.push(effect);
    else byConditions.set(key, { factors, effects: [effect] });
  }
  const groups = [...byConditions.values()];
  const isSeries = ({ effects: { length }, factors }: EffectSeries) =>
    length >= LEAST_IN_SERIES && factors.overPoller !== undefined;
  return {
    single: groups.filter((group) => !isSeries(group)).flatMap((group) => group.effects),
    series: groups.filter(isSeries),
  };
};
