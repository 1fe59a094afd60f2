import { studentHalfWidth } from './student.js';

/** What a bootstrap found out about one estimate. */
export interface Scatter {
  /** the estimate from all rounds */
  readonly value: number;
  /** the same statistic from the rounds of each launch alone */
  readonly ofLaunches: Float64Array;
  /** the estimate's variance when only the rounds are resampled, each launch kept once */
  readonly roundVariance: number;
  /** percentiles of the estimate when launches and then rounds are resampled: the interval's shape */
  readonly low: number;
  readonly high: number;
}

/** How much of the interval by rounds alone remains when launches agree by chance. */
const LEAST_SHARE = 0.7;

/**
 * An interval of about `level` coverage from few launches.
 *
 * The percentiles of the bootstrap alone do not cover: resampled launches scatter less than launches do, and
 * normal quantiles are too short for a variance that comes from 3 figures (71 to 91 % at 95 % for 3 launches
 * that scatter as much as their rounds or 3 times as much). So they give only the shape here, and the width
 * comes from Student's t over the launches, which are the independent units (one-way random effects: Searle,
 * Casella and McCulloch, Variance Components, 1992; few and non-normal units: Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993, ch. 12-14):
 *
 *     half = max(t[L-1] * sqrt(S2 * sum(w^2)), 0.7 * t[n-L] * sqrt(V'))
 *     half = t[n-1] * sqrt(V)                                                of one launch
 *     V' = V / (1 - (1 - 1/L) * L/n)
 *
 * L launches have n rounds, w is the share of a launch in them (sum(w^2) is 1/L when all have the same), S2
 * is the variance of the launches' own statistics, V that of the estimate by rounds alone; V' makes up for
 * rounds that are resampled around the middle of their own launch. The second part keeps launches that agree
 * by chance from pretending certainty; at its full size up to 99 % would be covered. Pooling max(0, S2 - V)
 * and V (Satterthwaite) is not used: with 3 launches that scatter it covered 88 to 93 %, because 3 figures
 * cannot tell scatter from none, and was only about a tenth narrower.
 *
 * The interval is split around the value half evenly, half as the percentiles lie. All of their asymmetry
 * costs up to 2 points of coverage (with 3 launches it is mostly chance), none of it up to 3 where the
 * launches are skewed.
 *
 * Simulated coverage in % at level 0.95, lowest and highest over 3, 5 and 10 rounds a launch and over normal,
 * log-normal and outlier-ridden rounds (12 % of them 3 to 8 sigma high), by the scatter of launches relative
 * to that of rounds:
 *
 *     launches   none        0.3         1           3
 *     1          95.9-98.0   (one launch cannot know of others)
 *     2          97.9-99.2   97.1-98.8   95.3-97.7   94.8-96.3
 *     3          97.0-98.1   96.2-97.7   94.1-97.1   94.3-95.3
 *     4          95.8-97.7   95.3-97.1   94.3-96.1   94.8-95.8
 *     5          95.9-97.7   94.5-97.3   94.3-96.5   94.5-95.9
 *     6          96.3-97.6   94.9-96.8   94.8-96.3   93.7-95.4
 *
 * Skewed launches (log-normal, or a slow mode in 1 of 5): 92.3-98.2 with 3 to 6. One launch of 2 rounds: 93.
 * At level 0.975, normal rounds and 3 to 6 launches: 96.8-99.0. Not reached: 2 launches that do not differ
 * cover 98 to 99, and their t[1] of 12.7 makes any interval wide. Launches buy more than rounds: with equal
 * scatter between launches the half width is 2.5 of its standard deviations with 3 launches, 1.6 with 4, 1.2
 * with 5.
 */
export function calibrated(
  scatter: Scatter,
  roundsOf: Int32Array,
  level: number,
): { low: number; high: number } {
  const half = halfWidth(scatter, roundsOf, level);
  const below = Math.max(0, scatter.value - scatter.low);
  const above = Math.max(0, scatter.high - scatter.value);
  const skew = below + above > 0 ? (above - below) / (above + below) / 2 : 0;
  return { low: scatter.value - half * (1 - skew), high: scatter.value + half * (1 + skew) };
}

function halfWidth({ ofLaunches, roundVariance }: Scatter, roundsOf: Int32Array, level: number): number {
  const launches = roundsOf.length;
  let rounds = 0;
  let squares = 0;
  for (const ofLaunch of roundsOf) {
    rounds += ofLaunch;
    squares += ofLaunch * ofLaunch;
  }
  // With one round a launch nothing is known about rounds, and nothing is needed: S2 holds their scatter.
  const spare = rounds - launches;
  const missing = (1 - 1 / launches) * (launches / rounds);
  const byRounds = spare > 0 ? studentHalfWidth(level, spare) * Math.sqrt(roundVariance / (1 - missing)) : 0;
  if (launches === 1) return byRounds;
  const byLaunches =
    studentHalfWidth(level, launches - 1) * Math.sqrt((variance(ofLaunches) * squares) / rounds ** 2);
  return Math.max(byLaunches, LEAST_SHARE * byRounds);
}

/** The unbiased sample variance; exactly 0 for equal figures, because it starts from one of them. */
function variance(figures: Float64Array): number {
  const start = figures[0] as number;
  let sum = 0;
  let squares = 0;
  for (const figure of figures) {
    sum += figure - start;
    squares += (figure - start) ** 2;
  }
  return Math.max(0, (squares - sum ** 2 / figures.length) / (figures.length - 1));
}
