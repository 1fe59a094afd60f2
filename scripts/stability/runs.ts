import { headlinesOf } from '../../harness/results/headlines.js';
import type { Run } from '../../harness/results/run-schema.js';
import { median } from '../../harness/statistics/median.js';

/** What repeated runs show beside their verdicts. */

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A run's seed, how long it took without its report, what of it was at full speed, its noise floor, and how much it decided. */
export const runRow = ({ seed, startedAt, finishedAt, noise, claims, models }: Run): string[] => [
  String(seed),
  finishedAt === null ? '' : `${((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(0)} s`,
  noise.shareAtFullSpeed === null ? '' : percent(noise.shareAtFullSpeed),
  noise.aaRatio === null ? '' : percent(noise.aaRatio.value - 1),
  decided(claims.filter(({ source }) => source !== 'asked')),
  decided(claims.filter(({ source }) => source === 'asked')),
  models.flatMap(({ poller, accepted }) => (accepted ? [poller] : [])).join(', '),
];

const decided = (claims: Run['claims']): string =>
  `${claims.filter(({ verdict }) => verdict !== 'undecided').length} of ${claims.length}`;

export interface Agreement {
  /** Headline figures that at least two of the runs have. */
  readonly figures: number;
  /** Of how far each run's figure is from the middle of all runs, in shares of it: the median, and that of the worst figure. */
  readonly medianDeviation: number;
  readonly worst: { readonly what: string; readonly deviation: number };
  /** Figures whose median deviation is at most 5 %. */
  readonly within: number;
}

const WITHIN = 0.05;

/** How well the headline figures of all runs agree; null where no two runs have one. */
export function agreementOf(runs: readonly Pick<Run, 'cells'>[]): Agreement | null {
  const figures = headlinesOf(runs).flatMap(({ title, pollers, rows }) =>
    pollers.flatMap((poller) => {
      const values = rows.flatMap((row) => row[poller]?.value ?? []);
      const middle = values.length < 2 ? 0 : median(values);
      if (middle === 0) return [];
      return [{ what: `${poller}: ${title}`, all: values.map((value) => Math.abs(value / middle - 1)) }];
    }),
  );
  const [worst] = figures
    .map(({ what, all }) => ({ what, deviation: median(all) }))
    .sort((a, b) => b.deviation - a.deviation);
  if (!worst) return null;
  return {
    figures: figures.length,
    medianDeviation: median(figures.flatMap(({ all }) => all)),
    worst,
    within: figures.filter(({ all }) => median(all) <= WITHIN).length,
  };
}

export const agreementLine = ({ figures, medianDeviation, worst, within }: Agreement): string =>
  `${figures} headline figures: half of them within ${percent(medianDeviation)} of their middle, ${within} within 5 %; ` +
  `the worst ${percent(worst.deviation)} (${worst.what})`;
