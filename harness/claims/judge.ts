import { type Claim, claimSchema } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { type ClaimDefinition, type Judgement, positionOf, type Undecided, undecided } from './claim.js';
import { type Evidence, LEAST_LAUNCHES, Missing } from './evidence.js';

/** Of the conditions that all rules share, which this file and evidence.ts apply: they change together with it. */
export const COMMON_VERSION = 4;

/** A claim as it was judged. */
export interface Judged {
  readonly claim: Claim;
  /** More rounds of these cells may decide it; none where that would not help. */
  readonly open: readonly string[];
}

/** What `judgeOpen` says of the claim. */
export const judge = (claim: ClaimDefinition, run: Evidence): Claim => judgeOpen(claim, run).claim;

/**
 * Holds one claim against the evidence, under the conditions that every rule has: the cells that it names are there, what was
 * sampled comes from two launches or more, and no two effects have one name. What is missing makes it undecided, and is named;
 * so does whatever else keeps its rule from being applied: the other claims of a run do not depend on it.
 */
export function judgeOpen(claim: ClaimDefinition, run: Evidence): Judged {
  const { id, source, kind, statement, rule, evidence: experiments } = claim;
  const base = { id, source, kind, statement, rule, evidence: [...experiments] };
  const evidence = run.afresh();
  try {
    const judgement = claim.judge(evidence);
    requireOwnNames(id, judgement);
    const { finding, explanation, effects, ...ruling } = judgement;
    const sound = effects.map((effect) => soundFigure(effect.name, effect));
    const told = { ...base, explanation, effects: sound };
    const open = ruling.verdict === 'undecided' ? ruling : launchesMissing(evidence);
    if (open === null) return { claim: claimSchema.parse({ ...told, finding, ...ruling }), open: [] };
    const undecidedYet = claimSchema.parse({
      ...told,
      finding: `${finding} That does not decide it yet.`,
      ...undecided(open.wantsRounds ? `${open.missing}; ${evidence.forMoreRounds}` : open.missing),
    });
    return { claim: undecidedYet, open: open.wantsRounds ? cellsThatDecide(open, judgement, evidence) : [] };
  } catch (error) {
    const why = error instanceof Missing ? NOT_MEASURED : NOT_APPLICABLE;
    const undecidedYet = {
      ...base,
      ...undecided(reasonOf(error)),
      effects: [],
      finding: `Not decided: ${why}.`,
      explanation: `${why[0]?.toUpperCase()}${why.slice(1)}.`,
    };
    return { claim: undecidedYet, open: [] };
  }
}

/** Those behind the effects that the reason names, or else behind all that lie astride their limits. */
function cellsThatDecide(
  { missing }: Undecided,
  { effects }: Judgement,
  evidence: Evidence,
): readonly string[] {
  const named = effectsNamed(missing, effects);
  const astride = effects.filter((effect) => {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = effect.limits ?? {};
    return positionOf(effect, { from, to }) === 'astride';
  });
  const cells = (named.length > 0 ? named : astride).flatMap(({ name }) => evidence.cellsBehind(name));
  return [...new Set(cells)];
}

/** Those that a reason names, in whole words: one name may end in another. */
export function effectsNamed<E extends { readonly name: string }>(
  reason: string,
  effects: readonly E[],
): E[] {
  const words = new Set(reason.split(/[^\w-]+/));
  return effects.filter(({ name }) => words.has(name));
}

const NOT_MEASURED = 'the figures that the rule needs are not in this run';
const NOT_APPLICABLE = 'the rule could not be applied to the figures of this run';

const reasonOf = (error: unknown): string => {
  if (error instanceof Missing) return error.message;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `a rule that can be applied to these figures: ${reason}`;
};

function launchesMissing({ oneLaunch }: Evidence): Undecided | null {
  if (oneLaunch.length === 0) return null;
  const missing = `${LEAST_LAUNCHES} launches or more of ${oneLaunch.join(' and ')}, of which there is one`;
  return { ...undecided(missing), wantsRounds: true };
}

/** A reader, and a page, find an effect by its name. */
function requireOwnNames(claim: string, { effects }: Judgement): void {
  const names = effects.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two effects of ${claim} are called ${twice}`);
}
