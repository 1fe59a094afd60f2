import type { Claim, Verdict } from './run-schema.js';

/** In the order in which they are told. */
const VERDICTS: readonly Verdict[] = ['holds', 'holds-when', 'fails', 'undecided'];

export interface Tally {
  /** The answer's own sentences, with those of the notes that retell it, or those that go beyond it. */
  readonly where: 'of the answer' | 'beyond it';
  readonly count: number;
  /** Without those that nothing has. */
  readonly counts: readonly { readonly verdict: Verdict; readonly count: number }[];
}

/** How many sentences have which verdict: wherever they are counted, those beyond the answer are counted apart. */
export function talliesOf(claims: readonly Pick<Claim, 'source' | 'verdict'>[]): Tally[] {
  const beyond = claims.filter(({ source }) => source === 'asked');
  const own = claims.filter(({ source }) => source !== 'asked');
  return [[own, 'of the answer'] as const, [beyond, 'beyond it'] as const].flatMap(([of, where]) =>
    of.length === 0 ? [] : [{ where, count: of.length, counts: countsOf(of) }],
  );
}

const countsOf = (claims: readonly Pick<Claim, 'verdict'>[]): Tally['counts'] =>
  VERDICTS.map((verdict) => ({
    verdict,
    count: claims.filter((claim) => claim.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
