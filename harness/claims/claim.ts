import type { Claim, Effect } from '../results/run-schema.js';
import type { Evidence } from './evidence.js';

/**
 * A sentence under test. Its metric, workload and rule are fixed before anything is measured; whoever changes a rule
 * raises its version.
 */
export interface ClaimDefinition {
  readonly id: string;
  readonly source: Claim['source'];
  readonly kind: Claim['kind'];
  /** Our paraphrase of the sentence. */
  readonly statement: string;
  readonly rule: Claim['rule'];
  /** The experiments that it rests on. */
  readonly evidence: readonly string[];
  judge(evidence: Evidence): Judgement;
}

export type Ruling =
  | { readonly verdict: 'holds' | 'fails' }
  | { readonly verdict: 'holds-when'; readonly condition: string }
  | Undecided;

export type Judgement = {
  readonly effects: readonly Effect[];
  /** One plain sentence for a newcomer, with the number that decides. */
  readonly finding: string;
  readonly explanation: string;
} & Ruling;

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

/** As `positionOf`, of a limit that does not belong to the inside: at it is not below it. */
export function positionBelow({ low, high }: Pick<Effect, 'low' | 'high'>, limit: number): Position {
  if (high < limit) return 'inside';
  return low >= limit ? 'outside' : 'astride';
}

/** An effect with the limits that its rule has for it. */
export type Judged = Effect & { readonly limits: Limits };

export const within = (effect: Effect, limits: Limits): Judged => ({
  ...effect,
  decides: true,
  limits: { ...limits },
});

/**
 * The common rule: all effects inside their limits hold, one wholly outside fails, otherwise an interval is astride and
 * nothing is decided.
 */
export function judgeAll(effects: readonly Judged[]): { verdict: 'holds' | 'fails' } | Undecided {
  const positions = effects.map((effect) => positionOf(effect, effect.limits));
  if (positions.includes('outside')) return { verdict: 'fails' };
  const astride = effects.filter((_, index) => positions[index] === 'astride');
  return astride.length === 0 ? { verdict: 'holds' } : moreRounds(straddling(astride), astride);
}

/** Why effects that are astride leave a verdict open. */
export const straddling = (effects: readonly Judged[]): string =>
  `the interval of ${effects.map(({ name }) => name).join(' and ')} straddles a limit`;

/** One of several things that a sentence says at once. */
export interface Half {
  readonly effects: readonly Judged[];
  /** Under which reading the sentence is true when only this half is. */
  readonly condition: string;
}

/** All halves true hold, none fails, some make their conditions the condition; one that is open leaves it undecided. */
export function judgeHalves(halves: readonly Half[]): Ruling {
  const rulings = halves.map(({ effects }) => judgeAll(effects));
  const open = rulings.find((ruling) => ruling.verdict === 'undecided');
  if (open) return open;
  const trueOnes = halves.filter((_, index) => rulings[index]?.verdict === 'holds');
  if (trueOnes.length === halves.length) return { verdict: 'holds' };
  if (trueOnes.length === 0) return { verdict: 'fails' };
  return { verdict: 'holds-when', condition: trueOnes.map(({ condition }) => condition).join(', and ') };
}

export interface Undecided {
  readonly verdict: 'undecided';
  readonly missing: string;
  /**
   * The names of the effects of which more rounds would decide it, or none of them for all that are astride; absent where more of the
   * same would not. How to get more depends on the run.
   */
  readonly wanted?: readonly string[];
}

export const undecided = (missing: string): Undecided => ({ verdict: 'undecided', missing });

/** @param of whose rounds: effects of the judgement */
export const moreRounds = (why: string, of: readonly Pick<Effect, 'name'>[]): Undecided => ({
  verdict: 'undecided',
  missing: `more rounds: ${why}`,
  wanted: of.map(({ name }) => name),
});
