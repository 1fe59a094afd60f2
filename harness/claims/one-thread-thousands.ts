import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, MeasuredCell } from '../results/run-schema.js';
import type { Rounds } from '../statistics/rounds.js';
import { type ClaimDefinition, judgeAll, undecided, within } from './claim.js';
import { comparedConditions, conditionsOf, type Evidence, exact, Missing } from './evidence.js';
import { MOST_LATE_OF_THOUSANDS } from './needs.js';

const FEW = 100;
const THOUSANDS = 1000;
const LEAST_WINDOWS = 15;
const LEAST_OF_LAUNCHES = 3;
const NO_SLOWER = { to: 2 };
const QUANTILES = { p99: 'latencyP99Us', p50: 'latencyP50Us', p90: 'latencyP90Us' } as const;

const CONDITIONS = { load: 'open', phase: 'spread', fileTable: 'private' };
const query = { experiment: 'server', poller: 'epoll' } as const;

/** The cell with the most connections, and the one with a hundred under the same beats. */
function pairOf(evidence: Evidence): [many: MeasuredCell, few: MeasuredCell] {
  const asked = { ...query, factors: { ...CONDITIONS, idle: FEW } };
  const few = evidence.cell(asked);
  const { ratePerSecond, app } = few.factors;
  const [many] = evidence
    .cells({ ...query, factors: { ...CONDITIONS, ratePerSecond: ratePerSecond ?? 0, app: app ?? '' } })
    .filter(({ factors }) => Number(factors.idle) >= THOUSANDS)
    .sort((a, b) => Number(b.factors.idle) - Number(a.factors.idle));
  if (!many) throw new Missing(`server with ${THOUSANDS} connections or more under the same beats as ${FEW}`);
  return [many, few];
}

/**
 * Windows of both by launch, round by round; those in which either generator was late are left out, and launches of which
 * none is left.
 */
function cleanWindows(evidence: Evidence, metric: string, pair: readonly MeasuredCell[]): Rounds[] {
  const asked = [...pair.map(() => metric), ...pair.map(() => 'lateBeats')];
  const all = evidence.rounds(asked, [...pair, ...pair]);
  const [figures, late] = [all.slice(0, pair.length), all.slice(pair.length)];
  return figures.map((launches) =>
    launches
      .map((rounds, launch) =>
        rounds.filter((_, round) => late.every((of) => (of[launch]?.[round] ?? 1) <= MOST_LATE_OF_THOUSANDS)),
      )
      .filter((rounds) => rounds.length > 0),
  );
}

/** The ratio of the medians of the clean windows, and what the two medians are. */
function compare(evidence: Evidence, name: keyof typeof QUANTILES, pair: readonly MeasuredCell[]) {
  const windows = cleanWindows(evidence, QUANTILES[name], pair);
  const { logRatio, many, few } = evidence.costsOf(
    `${name}RatioMostOver100`,
    QUANTILES[name],
    pair,
    windows,
    ([ofMany = Number.NaN, ofFew = Number.NaN]) => ({
      logRatio: Math.log(ofMany / ofFew),
      many: ofMany,
      few: ofFew,
    }),
  );
  const noise = evidence.noiseFactorOf('server', QUANTILES[name]);
  const effect: Effect = {
    name: `${name}RatioMostOver100`,
    value: Math.exp(logRatio.value),
    low: Math.exp(logRatio.low) / noise,
    high: Math.exp(logRatio.high) * noise,
    unit: 'ratio',
    n: logRatio.n,
    decides: name === 'p99',
    factors: comparedConditions(pair[0] as MeasuredCell, pair[1] as MeasuredCell),
  };
  const median = (
    of: string,
    { value, low, high, n }: typeof many,
    cell: MeasuredCell | undefined,
  ): Effect => ({
    ...{ name: `${name}Us${of}`, value, low, high, unit: 'us', n, decides: false },
    factors: cell ? conditionsOf(cell) : {},
  });
  const of = (told: Effect) => ofQuantity(QUANTILES[name], told);
  return {
    effect: of(effect),
    many: of(median('OfMost', many, pair[0])),
    few: of(median('Of100', few, pair[1])),
  };
}

const sumOf = (evidence: Evidence, metric: string, pair: readonly MeasuredCell[]): number =>
  evidence
    .rounds(metric, pair)
    .flat(2)
    .reduce((sum, figure) => sum + figure, 0);

export const oneThreadThousands: ClaimDefinition = {
  id: 'one-thread-thousands',
  source: 'notes',
  kind: 'measured',
  statement: 'one thread can watch thousands of connections',
  rule: {
    version: 2,
    text:
      'A server on epoll with as many connections as the limit of fds allows, at least 1 000, and one with 100 get the same ' +
      'beats by turns, in windows of a second; rounds in which more than 0.2 % of the beats of either left over 1 ms late are ' +
      'left out and counted. Launches are the unit: at least 15 rounds must be left in at least 3 launches, else undecided. ' +
      'Holds if no request failed in any window and the upper end of the ratio of the median p99 latencies lies below 2; fails ' +
      'if a request failed or the ratio lies wholly above. p50 and p90 stand beside it.',
  },
  evidence: ['server'],
  judge(evidence) {
    const pair = pairOf(evidence);
    const [many] = pair;
    const about = comparedConditions(many, pair[1]);
    const failed = exact('errors', sumOf(evidence, 'errors', pair), 'count', true, about);
    const errors = within(ofQuantity('errors', failed), { to: 0 });
    const all = evidence.rounds('lateBeats', pair)[0]?.flat().length ?? 0;
    const [left = []] = cleanWindows(evidence, QUANTILES.p99, pair);
    const clean = left.flat().length;
    const counted = [
      ofQuantity('rounds', exact('rounds', all, 'count', false, about)),
      ofQuantity(
        'roundsWithALateGenerator',
        exact('roundsWithALateGenerator', all - clean, 'count', false, about),
      ),
    ];
    const windows =
      `${many.factors.idle} connections were held against ${FEW} at ${many.factors.ratePerSecond} beats a second; in ` +
      `${all - clean} of ${all} rounds more than ${MOST_LATE_OF_THOUSANDS * 100} % of the beats left late. `;
    const held = `One thread holds ${many.factors.idle} connections and answers`;
    if (errors.value > 0) {
      const finding = `${held}, but ${errors.value} of its answers failed.`;
      return { verdict: 'fails', effects: [errors, ...counted], finding, explanation: windows + MECHANISM };
    }
    if (clean < LEAST_WINDOWS || left.length < LEAST_OF_LAUNCHES) {
      const missing =
        `${LEAST_WINDOWS} rounds with a punctual generator in ${LEAST_OF_LAUNCHES} launches, of which there are ${clean} in ` +
        `${left.length}; what helps is a machine with fewer neighbours, or root, who may let herd and server run before others`;
      const finding = `${held} without an error in ${all} windows.`;
      return {
        ...undecided(missing),
        effects: [errors, ...counted],
        finding,
        explanation: windows + MECHANISM,
      };
    }
    const { effect, many: ofMany, few: ofFew } = compare(evidence, 'p99', pair);
    const p99 = within(effect, NO_SLOWER);
    const others = (['p50', 'p90'] as const).map((name) => compare(evidence, name, pair).effect);
    return {
      ...judgeAll([p99, errors]),
      effects: [p99, errors, ...others, ofMany, ofFew, ...counted],
      finding:
        `${held} 99 of 100 requests within ${ofMany.value.toFixed(0)} us, against ${ofFew.value.toFixed(0)} us with ${FEW} connections: ` +
        `${p99.value.toFixed(2)} times.`,
      explanation:
        `${windows}From intended time to last byte the median window's p99 was ${ofMany.value.toFixed(0)} us with the many and ` +
        `${ofFew.value.toFixed(0)} us with the few. ${MECHANISM}`,
    };
  },
};

const MECHANISM =
  'ep_poll() hands over the ready list that ep_poll_callback() has filled, so a turn does not know how many connections ' +
  'are silent; what is left of their number are colder caches, because each beat comes from another connection.';
