import assert from 'node:assert/strict';
import { type Claim, claimSchema, type Verdict } from '../../results/run-schema.js';
import { judge } from '../judge.js';
import { claims } from '../registry.js';
import { type Planted, plantedEvidence } from './planted-run.js';

/** Judges one claim on planted cells; the result is what a run file would hold. */
export function expectVerdict(
  id: string,
  planted: readonly Planted[],
  verdict: Verdict,
  aaRatio?: number | null,
): Claim {
  const definition = claims.find((claim) => claim.id === id);
  assert.ok(definition, id);
  const claim = claimSchema.parse(judge(definition, plantedEvidence(planted, aaRatio)));
  assert.equal(claim.verdict, verdict, JSON.stringify(claim, null, 1));
  return claim;
}

/** The condition of a verdict that holds under one, else ''. */
export const conditionOf = (claim: Claim): string => ('condition' in claim ? claim.condition : '');
export const missingOf = (claim: Claim): string => ('missing' in claim ? claim.missing : '');

export function effectOf(claim: Claim, name: string) {
  const effect = claim.effects.find((candidate) => candidate.name === name);
  assert.ok(effect, `${name} is not among ${claim.effects.map((candidate) => candidate.name).join(', ')}`);
  return effect;
}
