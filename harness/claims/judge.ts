import { type Claim, claimSchema } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { type ClaimDefinition, undecided } from './claim.js';
import { type Evidence, Missing } from './evidence.js';

/**
 * Holds one claim against the evidence. What is missing makes it undecided, and is named; so does whatever else keeps its
 * rule from being applied: the other claims of a run do not depend on it.
 */
export function judge(claim: ClaimDefinition, evidence: Evidence): Claim {
  const { id, source, kind, statement, rule, evidence: experiments } = claim;
  const base = { id, source, kind, statement, rule, evidence: [...experiments] };
  try {
    const { effects, ...judgement } = claim.judge(evidence);
    const sound = effects.map((effect) => soundFigure(effect.name, effect));
    return claimSchema.parse({ ...base, ...judgement, effects: sound });
  } catch (error) {
    return { ...base, ...undecided(reasonOf(error)), effects: [], explanation: explanationOf(error) };
  }
}

const reasonOf = (error: unknown): string => {
  if (error instanceof Missing) return error.message;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `a rule that can be applied to these figures: ${reason}`;
};

const explanationOf = (error: unknown): string =>
  error instanceof Missing
    ? 'The figures that the rule needs are not in this run.'
    : 'The rule could not be applied to the figures of this run.';
