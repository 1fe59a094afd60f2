import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, MeasuredCell } from '../results/run-schema.js';
import type { Rounds } from '../statistics/rounds.js';
import { type ClaimDefinition, judgeAll, undecided, within } from './claim.js';
import { comparedConditions, conditionsOf, type Evidence, exact, Missing, optional } from './evidence.js';
import { MOST_LATE_OF_THOUSANDS } from './needs.js';

const FEW = 100;
const THOUSANDS = 1000;
const LEAST_WINDOWS = 15;
const LEAST_OF_LAUNCHES = 3;
const NO_SLOWER = { to: 2 };
const QUANTILES = { p99: 'latencyP99Us', p50: 'latencyP50Us', p90: 'latencyP90Us' } as const;

const CONDITIONS = { load: 'open', phase: 'spread', fileTable: 'private' };
const query = { experiment: 'server', poller: 'epoll' } as const;

type Pair = readonly [many: MeasuredCell, few: MeasuredCell];

/** The cell with the most connections, and the one with a hundred under the same beats, of servers of this priority. */
function pairOf(evidence: Evidence, priority?: 'realtime'): Pair {
  const isSo = ({ factors }: MeasuredCell) => factors.serverPriority === priority;
  const asked = { ...query, factors: { ...CONDITIONS, idle: FEW } };
  evidence.cell(asked);
  const few = evidence.cells(asked).find(isSo);
  const rank = priority === undefined ? 'without real-time priority' : 'with it';
  if (!few) throw new Missing(`server with ${FEW} connections ${rank}`);
  const { ratePerSecond = 0, app = '' } = few.factors;
  const [many] = evidence
    .cells({ ...query, factors: { ...CONDITIONS, ratePerSecond, app } })
    .filter((cell) => isSo(cell) && Number(cell.factors.idle) >= THOUSANDS)
    .sort((a, b) => Number(b.factors.idle) - Number(a.factors.idle));
  if (!many) throw new Missing(`server with ${THOUSANDS} connections or more under the same beats as ${FEW}`);
  return [many, few];
}

/** The windows of each by launch, but those in which its generator was late, of launches that have some of both. */
function cleanWindows(evidence: Evidence, metric: string, pair: Pair): Rounds[] {
  const asked = [...pair.map(() => metric), ...pair.map(() => 'lateBeats')];
  const all = evidence.rounds(asked, [...pair, ...pair]);
  const late = all.slice(pair.length);
  const clean = all
    .slice(0, pair.length)
    .map((launches, of) =>
      launches.map((rounds, launch) =>
        rounds.filter((_, round) => (late[of]?.[launch]?.[round] ?? 1) <= MOST_LATE_OF_THOUSANDS),
      ),
    );
  return clean.map((launches) =>
    launches.filter((_, launch) => clean.every((of) => (of[launch]?.length ?? 0) > 0)),
  );
}

/** The ratio of the medians of the clean windows, and what the two medians are. */
function compare(evidence: Evidence, name: keyof typeof QUANTILES, pair: Pair, decides = false) {
  const windows = cleanWindows(evidence, QUANTILES[name], pair);
  if (windows.some((launches) => launches.length < LEAST_OF_LAUNCHES))
    throw new Missing(`${LEAST_OF_LAUNCHES} launches with punctual windows`);
  const suffix = pair[0].factors.serverPriority === undefined ? '' : 'WithRealtime';
  const { logRatio, many, few } = evidence.medians(
    `${name}RatioMostOver100${suffix}`,
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
    name: `${name}RatioMostOver100${suffix}`,
    value: Math.exp(logRatio.value),
    low: Math.exp(logRatio.low) / noise,
    high: Math.exp(logRatio.high) * noise,
    unit: 'ratio',
    n: logRatio.n,
    decides,
    factors: comparedConditions(...pair),
  };
  const median = (of: string, { value, low, high, n }: typeof many, cell: MeasuredCell): Effect => ({
    ...{ name: `${name}Us${of}`, value, low, high, unit: 'us', n, decides: false },
    factors: conditionsOf(cell),
  });
  const of = (told: Effect) => ofQuantity(QUANTILES[name], told);
  return {
    effect: of(effect),
    many: of(median('OfMost', many, pair[0])),
    few: of(median('Of100', few, pair[1])),
  };
}

const sumOf = (evidence: Evidence, metric: string, pair: Pair): number =>
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
    version: 3,
    text:
      'A server on epoll with as many connections as the limit of fds allows, at least 1 000, and one with 100 get the same ' +
      'beats by turns, in windows of a second; neither has real-time priority. Windows in which more than 0.2 % of the beats ' +
      'left over 1 ms late are left out and counted; at least 15 of each must be left in at least 3 launches, else undecided. ' +
      'Compared are the p99 latencies of the median windows, of all that are left; launches are the unit of the interval. Holds ' +
      'if no request failed in any window and the upper end of the ratio lies below 2; fails if a request failed or the ratio ' +
      'lies wholly above. p50 and p90 stand beside it, and the ratio of servers with real-time priority.',
  },
  evidence: ['server'],
  judge(evidence) {
    const pair = pairOf(evidence);
    const [many] = pair;
    const about = comparedConditions(many, pair[1]);
    const failed = exact('errors', sumOf(evidence, 'errors', pair), 'count', true, about);
    const errors = within(ofQuantity('errors', failed), { to: 0 });
    const all = evidence.rounds('lateBeats', pair).flat(2);
    const late = all.filter((share) => share > MOST_LATE_OF_THOUSANDS).length;
    const left = cleanWindows(evidence, QUANTILES.p99, pair);
    const clean = Math.min(...left.map((launches) => launches.flat().length));
    const launches = left[0]?.length ?? 0;
    const counted = [
      ofQuantity('windows', exact('windows', all.length, 'count', false, about)),
      ofQuantity(
        'windowsWithALateGenerator',
        exact('windowsWithALateGenerator', late, 'count', false, about),
      ),
    ];
    const windows =
      `${many.factors.idle} connections were held against ${FEW} at ${many.factors.ratePerSecond} beats a second; in ` +
      `${late} of ${all.length} windows more than ${MOST_LATE_OF_THOUSANDS * 100} % of the beats left late. `;
    const held = `One thread holds ${many.factors.idle} connections and answers`;
    if (errors.value > 0) {
      const finding = `${held}, but ${errors.value} of its answers failed.`;
      return { verdict: 'fails', effects: [errors, ...counted], finding, explanation: windows + MECHANISM };
    }
    if (clean < LEAST_WINDOWS || launches < LEAST_OF_LAUNCHES) {
      const missing =
        `${LEAST_WINDOWS} windows of each with a punctual generator in ${LEAST_OF_LAUNCHES} launches, of which there are ${clean} in ` +
        `${launches}; what helps is a machine with fewer neighbours, or root, who may let the herd run before others`;
      const finding = `${held} without an error in ${all.length} windows of it and of ${FEW}.`;
      return {
        ...undecided(missing),
        effects: [errors, ...counted],
        finding,
        explanation: windows + MECHANISM,
      };
    }
    const { effect, many: ofMany, few: ofFew } = compare(evidence, 'p99', pair, true);
    const p99 = within(effect, NO_SLOWER);
    const others = (['p50', 'p90'] as const).map((name) => compare(evidence, name, pair).effect);
    const ranked = optional(() => compare(evidence, 'p99', pairOf(evidence, 'realtime')).effect);
    return {
      ...judgeAll([p99, errors]),
      effects: [p99, errors, ...others, ...ranked, ofMany, ofFew, ...counted],
      finding:
        `${held} 99 of 100 requests within ${ofMany.value.toFixed(0)} us, against ${ofFew.value.toFixed(0)} us with ${FEW} connections: ` +
        `${p99.value.toFixed(2)} times.`,
      explanation:
        `${windows}From intended time to last byte the median window's p99 was ${ofMany.value.toFixed(0)} us with the many and ` +
        `${ofFew.value.toFixed(0)} us with the few.${ranked.map(withRank).join('')} ${MECHANISM}`,
    };
  },
};

const withRank = ({ value, low, high }: Effect): string =>
  ` With real-time priority of both servers it was ${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}] times.`;

const MECHANISM =
  'ep_poll() hands over the ready list that ep_poll_callback() has filled, so a turn does not know how many connections ' +
  'are silent; what is left of their number are colder caches, because each beat comes from another connection.';
