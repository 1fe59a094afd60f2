import type { Effect } from '../../harness/results/run-schema.js';
import type { Axis } from './axis.js';
import { type Layers, quantitative } from './channels.js';

/** Where a rule wants a figure; either end may be open. */
export type Limits = NonNullable<Effect['limits']>;

/** The distinct limits of some effects. */
export const limitsOf = (effects: readonly Pick<Effect, 'limits'>[]): Limits[] => [
  ...new Map(
    effects.flatMap(({ limits }) => (limits ? [[JSON.stringify(limits), limits] as const] : [])),
  ).values(),
];

/** The ends of limits that are there: what a domain must contain for the rule to be seen. */
export const endsOf = ({ from, to }: Limits): number[] => [from, to].flatMap((end) => end ?? []);

/** Limits as far as an axis shows them: an open end reaches to the end of the axis. */
export const within = ({ from, to }: Limits, [low, high]: readonly [number, number]) => ({
  from: Math.min(high, Math.max(low, from ?? low)),
  to: Math.max(low, Math.min(high, to ?? high)),
});

/** The rule, behind the figures: what lies inside it is shaded, and each limit is a line. */
export const limitLayers = (limits: readonly Limits[], y: Axis): Layers => {
  if (limits.length === 0) return [];
  const across = { x: { value: 0 }, x2: { value: 'width' as const }, color: { value: 'var(--rule-inside)' } };
  return [
    {
      data: { values: limits.map((each) => within(each, y.domain)) },
      mark: { type: 'rect', opacity: 0.16 },
      encoding: { ...across, y: quantitative('from', y), y2: { field: 'to' } },
    },
    {
      data: { values: limits.flatMap((each) => endsOf(each).map((limit) => ({ limit }))) },
      mark: { type: 'rule', strokeWidth: 1.25, strokeDash: [6, 3] },
      encoding: { ...across, y: quantitative('limit', y) },
    },
  ];
};
