import type { Effect } from '../../harness/results/run-schema.js';

/** Effects whose names differ in their numbers alone, such as a ratio at 1, 2 and 3 fds. */
export interface EffectSeries {
  /** The common name, `…` in place of its numbers. */
  readonly key: string;
  readonly effects: readonly Effect[];
}

/** With fewer effects than this a claim shows them all in one table. */
const MANY = 13;
const LEAST_IN_SERIES = 3;

/** Takes apart what stands for itself and what belongs to a series; a claim with few effects has no series. */
export const inSeries = (
  effects: readonly Effect[],
): { readonly single: readonly Effect[]; readonly series: readonly EffectSeries[] } => {
  if (effects.length < MANY) return { single: effects, series: [] };
  const byKey = new Map<string, Effect[]>();
  for (const effect of effects) {
    const key = effect.name.replace(/\d+/g, '…');
    byKey.set(key, [...(byKey.get(key) ?? []), effect]);
  }
  const isSeries = (key: string, { length }: readonly Effect[]) =>
    key.includes('…') && length >= LEAST_IN_SERIES;
  const all = [...byKey].map(([key, members]) => ({ key, effects: members }));
  return {
    single: all.filter((group) => !isSeries(group.key, group.effects)).flatMap((group) => group.effects),
    series: all.filter((group) => isSeries(group.key, group.effects)),
  };
};
