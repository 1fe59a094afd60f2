import type { Claim, Effect } from '../../harness/results/run-schema.js';

/** How far an interval lies inside its limits (above 0), or outside (below 0), in widths that limits of other units share. */
const margin = ({ low, high, limits }: Effect): number => {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = limits ?? {};
  const relative = (distance: number, end: number) => distance / (Math.abs(end) || 1);
  const room = (of: Pick<Effect, 'low' | 'high'>) =>
    Math.min(
      from === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : relative(of.low - from, from),
      to === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : relative(to - of.high, to),
    );
  return room({ low, high });
};

export const isInside = ({ low, high, limits }: Effect): boolean =>
  low >= (limits?.from ?? Number.NEGATIVE_INFINITY) && high <= (limits?.to ?? Number.POSITIVE_INFINITY);

export const isOutside = ({ low, high, limits }: Effect): boolean =>
  high < (limits?.from ?? Number.NEGATIVE_INFINITY) || low > (limits?.to ?? Number.POSITIVE_INFINITY);

interface Sides {
  /** What the verdict rests on, the strongest first. */
  readonly support: readonly Effect[];
  /** What speaks against it, the strongest first. */
  readonly against: readonly Effect[];
  /** What decides neither. */
  readonly open: readonly Effect[];
}

/**
 * The deciding figures of a verdict by the side that they are on. A figure inside the limits of its rule speaks for the
 * sentence, one outside against it; so it supports `holds` and `holds-when`, or `fails`.
 */
export const sidesOf = (claim: Claim): Sides => {
  const ruled = claim.effects.filter(({ decides, limits }) => decides && limits);
  const byMargin = (effects: readonly Effect[], sign: 1 | -1) =>
    [...effects].sort((a, b) => sign * (margin(b) - margin(a)));
  const inside = byMargin(ruled.filter(isInside), 1);
  const outside = byMargin(ruled.filter(isOutside), -1);
  const open = ruled.filter((effect) => !isInside(effect) && !isOutside(effect));
  return claim.verdict === 'fails'
    ? { support: outside, against: inside, open }
    : { support: inside, against: outside, open };
};

/** The one figure that a verdict turns on: of those that decide the first, in the order of the rule, on the side that won. */
export const decidingEffect = (claim: Claim): Effect | undefined => {
  const deciding = claim.effects.filter(({ decides }) => decides);
  const onItsSide = deciding.find((effect) => {
    if (!effect.limits) return false;
    if (claim.verdict === 'undecided') return !isInside(effect) && !isOutside(effect);
    return claim.verdict === 'fails' ? isOutside(effect) : isInside(effect);
  });
  return onItsSide ?? deciding[0] ?? claim.effects[0];
};

/** The figure of the winning side that lies closest to its limit. */
export const closestCall = (claim: Claim): Effect | undefined => {
  const { support, open } = sidesOf(claim);
  return open[0] ?? support.at(-1);
};
