import type { Claim } from '../results/run-schema.js';
import { type ClaimDefinition, undecided } from './claim.js';
import { type Evidence, Missing } from './evidence.js';

/** Holds one claim against the evidence. What is missing makes it undecided, and is named. */
export function judge(claim: ClaimDefinition, evidence: Evidence): Claim {
  const { id, source, kind, statement, rule, evidence: experiments } = claim;
  const base = { id, source, kind, statement, rule, evidence: [...experiments] };
  try {
    const { effects, ...judgement } = claim.judge(evidence);
    return { ...base, ...judgement, effects: [...effects] };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    return {
      ...base,
      ...undecided(error.message),
      effects: [],
      explanation: 'The figures that the rule needs are not in this run.',
    };
  }
}
