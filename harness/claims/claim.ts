import type { Claim, Effect } from '../results/run-schema.js';
import type { Evidence } from './evidence.js';

/**
 * A sentence under test. Its metric, workload and rule are fixed before anything is measured; whoever changes a rule
 * raises its version.
 */
export interface ClaimDefinition {
  readonly id: string;
  readonly source: Claim['source'];
  /** Our paraphrase of the sentence. */
  readonly statement: string;
  readonly rule: Claim['rule'];
  /** The experiments that it rests on. */
  readonly evidence: readonly string[];
  judge(evidence: Evidence): Judgement;
}

export type Judgement = { readonly effects: readonly Effect[]; readonly explanation: string } & (
  | { readonly verdict: 'holds' | 'fails' }
  | { readonly verdict: 'holds-when'; readonly condition: string }
  | { readonly verdict: 'undecided'; readonly missing: string }
);

/** Where an effect lies relative to the limits of a rule: its whole interval decides. */
export type Position = 'inside' | 'outside' | 'astride';

export interface Limits {
  readonly from?: number;
  readonly to?: number;
}

/** Both limits belong to the inside. */
export function positionOf(
  { low, high }: Pick<Effect, 'low' | 'high'>,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Limits,
): Position {
  if (low >= from && high <= to) return 'inside';
  return high < from || low > to ? 'outside' : 'astride';
}

export type Criterion = readonly [effect: Effect, limits: Limits];

/**
 * The common rule: all effects inside their limits hold, one wholly outside fails, otherwise an interval is astride and
 * nothing is decided.
 */
export function judgeAll(criteria: readonly Criterion[]): { verdict: 'holds' | 'fails' } | Undecided {
  const positions = criteria.map(([effect, limits]) => positionOf(effect, limits));
  if (positions.includes('outside')) return { verdict: 'fails' };
  const astride = criteria.filter((_, index) => positions[index] === 'astride');
  if (astride.length === 0) return { verdict: 'holds' };
  return undecided(
    `more rounds: the interval of ${astride.map(([{ name }]) => name).join(' and ')} straddles a limit; ` +
      'try --profile standard or thorough',
  );
}

interface Undecided {
  readonly verdict: 'undecided';
  readonly missing: string;
}

export const undecided = (missing: string): Undecided => ({ verdict: 'undecided', missing });
