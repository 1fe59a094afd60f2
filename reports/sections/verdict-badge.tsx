import type { ComponentChildren } from 'preact';
import type { Verdict } from '../../harness/results/run-schema.js';

const badges: Readonly<Record<Verdict, { readonly text: string; readonly path: string }>> = {
  holds: { text: 'holds', path: 'M3.5 8.5l3 3 6-7' },
  'holds-when': { text: 'holds when …', path: 'M2 9.5c1.5-4 4-4 6-1.5s4.5 2.5 6-1.5' },
  fails: { text: 'fails', path: 'M4 4l8 8M12 4l-8 8' },
  undecided: { text: 'undecided', path: 'M3 8h1M7.5 8h1M12 8h1' },
};

interface Badge {
  readonly verdict: Verdict;
  /** What the sign stands beside, in place of the verdict's own words. */
  readonly children?: ComponentChildren;
}

/** A verdict as colour, sign and word: each of them alone would do. */
export const VerdictBadge = ({ verdict, children }: Badge) => (
  <span class={`badge ${verdict}`}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={badges[verdict].path} />
    </svg>
    {children ?? badges[verdict].text}
  </span>
);

export const verdictWords = (verdict: Verdict): string => badges[verdict].text;
