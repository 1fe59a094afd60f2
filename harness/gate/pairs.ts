import { launchOrder } from '../statistics/launch-pairs.js';
import { seedFrom } from '../statistics/random.js';
import type { MetricResult } from './gate-schema.js';
import { type FigurePair, LOOKS } from './judge.js';
import { Stopped, type Version } from './version.js';

/** When the gate looks, and how long it may take. All of it is fixed before anything is measured. */
export interface Plan {
  readonly seed: number;
  /** The pairs of the first look. */
  readonly fewest: number;
  /** Those of the second one, at most. */
  readonly most: number;
  readonly maxMs: number;
}

export const PAIRS = { fewest: 12, most: 30 } as const;

export const ruleText = ({ fewest, most, maxMs }: Plan): string => {
  const looks =
    fewest === most
      ? `${fewest} pairs of launches and one look`
      : `${fewest} pairs of launches, then a look; where a gated metric is inconclusive, as many more as fit into ` +
        `${minutes(maxMs)} by the time that these took, up to ${most} in all, and the second and last of ${LOOKS} looks`;
  return (
    `${looks}. A regression: the whole interval of the median ratio lies above the margin (95 % for all metrics and ` +
    'looks together, by Holm); exact metrics: any more than before'
  );
};

const minutes = (ms: number): string => `${Math.round((ms / 60_000) * 10) / 10} minutes`;

export interface PairsHooks {
  readonly stop: AbortSignal;
  /** Judges the pairs so far. */
  look(pairs: readonly FigurePair[]): MetricResult[];
  launched(pair: number, of: number): void;
}

export interface Paired {
  readonly pairs: readonly FigurePair[];
  readonly metrics: readonly MetricResult[];
  readonly notes: readonly string[];
}

/** Launches both versions in turn until the rule says that it is enough. @throws Stopped, LaunchFailure */
export async function measurePairs(
  reference: Version,
  current: Version,
  plan: Plan,
  startedMs: number,
  hooks: PairsHooks,
): Promise<Paired> {
  const { fewest, most, maxMs, seed } = plan;
  const order = launchOrder(most, seedFrom(seed, 'order'));
  const counted = {
    reference: await reference.count(seedFrom(seed, 'count'), hooks.stop),
    current: await current.count(seedFrom(seed, 'count'), hooks.stop),
  };
  const pairs: FigurePair[] = [];
  const firstMs = performance.now();
  const measureUpTo = async (count: number) => {
    while (pairs.length < count) {
      // One at least, however long it takes: a gate that saw no pair could not even name what it has to leave open.
      const perPairMs = (performance.now() - firstMs) / pairs.length;
      if (pairs.length > 0 && performance.now() + perPairMs - startedMs > maxMs) return;
      hooks.launched(pairs.length, count);
      pairs.push(
        await onePair(reference, current, order[pairs.length] ?? [], seed, pairs.length, hooks.stop),
      );
    }
  };
  const look = () => hooks.look([counted, ...pairs]);
  await measureUpTo(fewest);
  const metrics = look();
  if (pairs.length < fewest) {
    const note = `only ${pairs.length} of ${fewest} pairs fitted into ${minutes(maxMs)}: nothing but exact metrics is decided; allow more with --max-minutes`;
    return { pairs, metrics: metrics.map(undecided), notes: [note] };
  }
  if (!metrics.some(({ level, verdict }) => level === 'error' && verdict === 'inconclusive')) {
    return { pairs, metrics, notes: [] };
  }
  const perPairMs = (performance.now() - firstMs) / pairs.length;
  const fitting = Math.floor((maxMs - (firstMs - startedMs)) / perPairMs);
  const second = Math.min(most, Math.max(fewest, fitting));
  await measureUpTo(second);
  const notes = second < most ? [`${second} instead of ${most} pairs fitted into ${minutes(maxMs)}`] : [];
  return { pairs, metrics: pairs.length > fewest ? look() : metrics, notes };
}

async function onePair(
  reference: Version,
  current: Version,
  order: readonly ('reference' | 'current')[],
  seed: number,
  index: number,
  stop: AbortSignal,
): Promise<FigurePair> {
  const versions = { reference, current };
  const pair: Partial<Record<keyof FigurePair, FigurePair['reference']>> = {};
  for (const side of order) {
    if (stop.aborted) throw new Stopped();
    // Both launches of a pair make the same visits in the same order.
    pair[side] = await versions[side].launch(seedFrom(seed, 'pair', index), stop);
  }
  return pair as FigurePair;
}

const undecided = (metric: MetricResult): MetricResult =>
  metric.class === 'exact'
    ? metric
    : { ...metric, verdict: 'inconclusive', note: 'too few pairs of launches' };
