import type { Claim, Run, Verdict } from '../../harness/results/run-schema.js';

export interface ClaimStability {
  readonly id: Claim['id'];
  /** The most frequent one first. */
  readonly verdicts: readonly { readonly verdict: Verdict; readonly count: number }[];
  /** Of the runs, how many gave the most frequent verdict; undecided is a verdict like the others. */
  readonly share: number;
}

/** How often each claim got which verdict. A run that lacks a claim counts as one without that verdict. */
export function stabilityOf(runs: readonly Pick<Run, 'claims'>[]): ClaimStability[] {
  const ids = [...new Set(runs.flatMap(({ claims }) => claims.map(({ id }) => id)))];
  return ids.map((id) => {
    const counts = new Map<Verdict, number>();
    for (const { claims } of runs) {
      const verdict = claims.find((claim) => claim.id === id)?.verdict;
      if (verdict) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
    const verdicts = [...counts]
      .map(([verdict, count]) => ({ verdict, count }))
      .sort((a, b) => b.count - a.count);
    return { id, verdicts, share: (verdicts[0]?.count ?? 0) / runs.length };
  });
}
