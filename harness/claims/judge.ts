import { type Claim, claimSchema, type Effect } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { type ClaimDefinition, type Judgement, positionOf, type Undecided, undecided } from './claim.js';
import { type Evidence, LEAST_LAUNCHES, Missing } from './evidence.js';

/** Of the conditions that all rules share, which this file and evidence.ts apply: they change together with it. */
export const COMMON_VERSION = 6;

/** A claim as it was judged. */
export interface Judged {
  readonly claim: Claim;
  /** More rounds of these cells may decide it; none where that would not help. */
  readonly open: readonly string[];
  /** Its effects that these cells are behind, where its rule says of which more rounds would decide it. */
  readonly wanted: readonly Effect[];
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
    if (open === null) return { claim: claimSchema.parse({ ...told, finding, ...ruling }), ...NONE };
    const undecidedYet = claimSchema.parse({
      ...told,
      finding: `${finding} That does not decide it yet.`,
      ...undecided(open.wanted ? `${open.missing}; ${evidence.forMoreRounds}` : open.missing),
    });
    if (!open.wanted) return { claim: undecidedYet, ...NONE };
    const names = new Set(open.wanted);
    const wanted = sound.filter(({ name }) => names.has(name));
    const cells = (wanted.length > 0 ? wanted : sound.filter(isAstride)).flatMap(({ name }) =>
      evidence.cellsBehind(name),
    );
    return { claim: undecidedYet, open: [...new Set(cells)], wanted };
  } catch (error) {
    const why = error instanceof Missing ? NOT_MEASURED : NOT_APPLICABLE;
    const undecidedYet = {
      ...base,
      ...undecided(reasonOf(error)),
      effects: [],
      finding: `Not decided: ${why}.`,
      explanation: `${why[0]?.toUpperCase()}${why.slice(1)}.`,
    };
    return { claim: undecidedYet, ...NONE };
  }
}

const NONE = { open: [], wanted: [] } as const;

function isAstride(effect: Effect): boolean {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = effect.limits ?? {};
  return positionOf(effect, { from, to }) === 'astride';
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
  return { ...undecided(missing), wanted: [] };
}

/** A reader, and a page, find an effect by its name. */
function requireOwnNames(claim: string, { effects }: Judgement): void {
  const names = effects.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two effects of ${claim} are called ${twice}`);
}
