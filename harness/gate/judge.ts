import {
  changeInterval,
  type LaunchPair,
  type PairedChange,
  pairedChange,
} from '../statistics/launch-pairs.js';
import { median } from '../statistics/median.js';
import { seedFrom } from '../statistics/random.js';
import type { Figure, Figures } from './figures.js';
import { atFullSpeed, fullSpeedLimitNs, valuesOf } from './full-speed.js';
import type { MetricResult, Verdict } from './gate-schema.js';

/** What is asked of a metric: `off` is shown and never judged for, `warn` is said, `error` fails the gate. */
export type Level = 'off' | 'warn' | 'error';

export interface Demand {
  readonly level: Level;
  /** How much worse is still accepted: 0.1 is 10 %. Exact metrics have none. */
  readonly margin: number;
}

/** One launch of each version, beside each other in time. */
export interface FigurePair {
  readonly reference: Figures;
  readonly current: Figures;
}

/** Of all looks together, and of all metrics that may fail the gate. */
const FALSE_ALARMS = 0.05;
export const LOOKS = 2;
/** Fewer pairs at full speed than this do not speak for it: then all pairs are taken, and the result says so. */
const LEAST_AT_FULL_SPEED = 8;

/**
 * Judges every metric that both versions have. The metrics that may fail the gate are held against their margins together
 * (Holm, A simple sequentially rejective multiple test procedure, 1979): the one that is most surely worse has to be so at
 * the strictest level, the next at the next strictest, until one is not.
 */
export function judge(
  pairs: readonly FigurePair[],
  demandOf: (figure: Figure) => Demand,
  seed: number,
): MetricResult[] {
  const ids = [...new Set(pairs.flatMap(({ current }) => [...current.keys()]))].filter((id) =>
    pairs.some(({ reference, current }) => reference.has(id) && current.has(id)),
  );
  const limits = {
    reference: fullSpeedLimitNs(pairs.map(({ reference }) => reference)),
    current: fullSpeedLimitNs(pairs.map(({ current }) => current)),
  };
  const results: MetricResult[] = [];
  const paired: Comparison[] = [];
  for (const id of ids) {
    const figure = pairs.map(({ current }) => current.get(id)).find((found) => found !== undefined) as Figure;
    const demand = demandOf(figure);
    if (figure.kind === 'exact') results.push(exactResult(figure, pairs, demand));
    else paired.push(comparisonOf(figure, pairs, limits, demand, seedFrom(seed, id)));
  }
  results.push(...withHolm(paired));
  return explained(results, new Map(paired.map(({ figure }) => [figure.id, figure])));
}

interface Comparison {
  readonly figure: Figure;
  readonly demand: Demand;
  readonly change: PairedChange | null;
  readonly base: Pick<MetricResult, 'pairs' | 'speed' | 'reference' | 'current'>;
}

function comparisonOf(
  figure: Figure,
  pairs: readonly FigurePair[],
  limits: { readonly reference: number | null; readonly current: number | null },
  demand: Demand,
  seed: number,
): Comparison {
  const { reference: limitOfReference, current: limitOfCurrent } = limits;
  const pairsBy = (take: (figure: Figure, side: keyof FigurePair) => number[]): LaunchPair[] =>
    pairs.flatMap(({ reference, current }) => {
      const [before, after] = [reference.get(figure.id), current.get(figure.id)];
      const pair = before &&
        after && { reference: take(before, 'reference'), current: take(after, 'current') };
      return pair && pair.reference.length > 0 && pair.current.length > 0 ? [pair] : [];
    });
  const all = pairsBy(({ readings }) => valuesOf(readings));
  const full =
    limitOfReference === null || limitOfCurrent === null
      ? []
      : pairsBy((each, side) => atFullSpeed(each, side === 'reference' ? limitOfReference : limitOfCurrent));
  const isFull = full.length >= Math.min(LEAST_AT_FULL_SPEED, pairs.length);
  const taken = (isFull ? full : all).filter(({ reference, current }) =>
    [...reference, ...current].every((value) => value > 0),
  );
  const change = taken.length >= 2 ? pairedChange(taken, seed) : null;
  const middle = (side: keyof LaunchPair) =>
    taken.length === 0 ? Number.NaN : median(taken.map((pair) => median(pair[side])));
  return {
    figure,
    demand,
    change,
    base: {
      pairs: taken.length,
      speed: isFull ? 'full' : 'all',
      reference: finite(middle('reference')),
      current: finite(middle('current')),
    },
  };
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

/** How many standard errors a change lies above its margin: what Holm's procedure orders by. */
const strength = ({ change, demand }: Comparison): number => {
  if (!change) return Number.NEGATIVE_INFINITY;
  const above = change.logRatio - Math.log1p(demand.margin);
  return change.standardError === 0 ? above * Number.MAX_VALUE : above / change.standardError;
};

function withHolm(paired: readonly Comparison[]): MetricResult[] {
  const alpha = FALSE_ALARMS / LOOKS;
  const gated = paired
    .filter(({ demand }) => demand.level === 'error')
    .toSorted((a, b) => strength(b) - strength(a));
  let left = gated.length;
  let isStopped = false;
  const results: MetricResult[] = gated.map((comparison) => {
    const result = pairedResult(comparison, 1 - alpha / left);
    if (result.verdict !== 'regression') isStopped = true;
    // From the first one that is not surely worse the level stays.
    else if (!isStopped) left--;
    return result;
  });
  const others = paired.filter(({ demand }) => demand.level !== 'error');
  return [...results, ...others.map((comparison) => pairedResult(comparison, 1 - alpha))];
}

function pairedResult({ figure, demand, change, base }: Comparison, level: number): MetricResult {
  const common = { ...descriptionOf(figure, demand), ...base };
  if (!change) {
    const note = 'too few pairs of launches have it';
    return { ...common, verdict: 'inconclusive', change: null, note };
  }
  const { low, high } = changeInterval(change, level);
  const interval = {
    value: Math.exp(change.logRatio),
    low: Math.exp(low),
    high: Math.exp(Math.min(high, Math.log(Number.MAX_VALUE))),
    confidence: level,
  };
  return { ...common, verdict: verdictOf(low, high, demand.margin), change: interval };
}

/** Logarithms. Worse or fine only where the whole interval is. */
export function verdictOf(low: number, high: number, margin: number): Verdict {
  const limit = Math.log1p(margin);
  if (low > limit) return 'regression';
  if (high > limit) return 'inconclusive';
  return high < -limit ? 'improvement' : 'ok';
}

/** Computed and counted figures do not scatter; a difference beyond rounding is one. */
const ROUNDING = 1e-6;

export function exactVerdict(reference: number, current: number): Verdict {
  const tolerance = Math.abs(reference) * ROUNDING;
  if (current > reference + tolerance) return 'regression';
  return current < reference - tolerance ? 'improvement' : 'ok';
}

const descriptionOf = ({ id, kind, unit }: Figure, { level, margin }: Demand) => ({
  id,
  class: kind,
  unit,
  level,
  margin: kind === 'exact' ? 0 : margin,
});

function exactResult(figure: Figure, pairs: readonly FigurePair[], demand: Demand): MetricResult {
  const valueIn = (side: keyof FigurePair) =>
    median(pairs.flatMap((pair) => valuesOf(pair[side].get(figure.id)?.readings ?? [])));
  const [reference, current] = [valueIn('reference'), valueIn('current')];
  const verdict = exactVerdict(reference, current);
  const counted = pairs.filter((pair) => pair.reference.has(figure.id) && pair.current.has(figure.id)).length;
  return {
    ...descriptionOf(figure, demand),
    verdict,
    change: null,
    reference,
    current,
    pairs: counted,
    speed: 'all',
  };
}

/** A ratio to another poller that grew while the poller itself got no slower: the other one got faster. */
function explained(results: MetricResult[], figures: ReadonlyMap<string, Figure>): MetricResult[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  return results.map((result) => {
    const numerator = byId.get(figures.get(result.id)?.numerator ?? '');
    if (result.verdict !== 'regression' || !numerator) return result;
    if (numerator.verdict !== 'ok' && numerator.verdict !== 'improvement') return result;
    return {
      ...result,
      verdict: 'ok',
      note: 'the poller itself got no slower: the one it is held against got faster',
    };
  });
}
