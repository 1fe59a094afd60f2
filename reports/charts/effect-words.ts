import type { Effect, Factors } from '../../harness/results/run-schema.js';
import { inWords, writeCount, writeNumber } from '../figures.js';
import { conditionInWords } from './captions.js';

type Told = Pick<Effect, 'name' | 'unit' | 'factors'>;

/** What factors alone do not tell: which of several quantities an effect is. */
const KNOWN: Readonly<Record<string, string>> = {
  mostSocketsWithSelectSmaller: 'most sockets up to which select takes less memory',
  selectTenthSocketReadOverComputed: 'the page at the tenth socket, read over computed',
  difference100Minus50InWatchedFds: 'number 100 less number 50, counted in watched fds',
  selectExponent: 'select: power of the number watched',
  pollExponent: 'poll: power of the number watched',
  epollExponent: 'epoll: power of the number ready',
  selectKnee: 'select: watched fds up to which the line holds',
  pollKnee: 'poll: watched fds up to which the line holds',
  epollKnee: 'epoll: ready fds up to which the line holds',
  epollIdleOverReadySlope: 'epoll: one more silent fd over one more ready fd',
  pollIdleOverReadySlope: 'poll: one more silent fd over one more ready fd',
  'select-wideIdleOverReadySlope': 'select-wide: one more silent fd over one more ready fd',
  userBytesOfThreeSets: 'select: its three sets in user space',
  userCopyBytes: 'select: the poller’s own copies of its sets',
  fewestFdsBeyond384InKernel: 'select: fewest fds with more than 384 bytes in the kernel',
  bytesPerWatchByMaxUserWatches: 'bytes for one watch by the kernel’s own limit of watches',
  epollKernelBytesForOneMoreFd: 'epoll: one more fd, computed',
  selectAccepts1024: 'select accepts fd 1\u202f024',
  allDeliverAt1023: 'all pollers deliver at fd 1\u202f023',
  selectRefusesAbove1023: 'select refuses fds above 1\u202f023',
  selectWideRefusesAbove1023: 'select with larger bitmaps refuses them',
  pollAndEpollDeliverAbove1023: 'poll and epoll deliver above 1\u202f023',
  selectReports: 'select calls a regular file ready',
  pollReports: 'poll calls a regular file ready',
  epollRefuses: 'epoll refuses a regular file',
  epollErrno: 'epoll: number of the error with which it refuses a regular file (1 is EPERM)',
  boundaryConnections: 'most connections up to which the difference is below 5\u00a0%',
  shareOfGridWhereEpollIsSurelyCheaper: 'share of the grid where epoll is surely cheaper',
  ioUringOverEpollTurn1Ready: 'io_uring over epoll, the turn alone, one ready',
  ioUringOverEpollTurn10Ready: 'io_uring over epoll, the turn alone, 10 ready',
  ioUringOverEpollTurn100Ready: 'io_uring over epoll, the turn alone, 100 ready',
  ioUringOverEpollKernelBytesPerFdRead: 'io_uring over epoll: one more fd, read',
  ioUringOverEpollKernelBytesPerFdComputed: 'io_uring over epoll: one more fd, computed',
  ioUringKernelBytesPerFd: 'io_uring: one more fd',
  epollKernelBytesPerFdBeside: 'epoll: one more fd',
  ioUringRingBytes: 'io_uring: its entries of the rings, with the most fds',
  oneshotMinusLevelSyscalls: 'system calls that a request takes more one-shot than level-triggered',
  edgeMinusLevelSyscalls: 'system calls that a request takes more edge- than level-triggered',
  ioUringMinusLevelSyscalls: 'system calls that a request takes more under io_uring than under epoll',
  oneshotSyscalls: 'one-shot: system calls of a request',
  levelSyscalls: 'level-triggered: system calls of a request',
  levelEmptyWakeups: 'one listener, plainly watched: wake-ups for nothing per connection',
  exclusiveEmptyWakeups: 'one listener, EPOLLEXCLUSIVE: wake-ups for nothing per connection',
  reuseportEmptyWakeups: 'a listener each: wake-ups for nothing per connection',
  levelCpuPerAccept: 'one listener, plainly watched: CPU time per connection',
  exclusiveCpuPerAccept: 'one listener, EPOLLEXCLUSIVE: CPU time per connection',
  reuseportCpuPerAccept: 'a listener each: CPU time per connection',
  levelFairness: 'one listener, plainly watched: evenness among the processes (1 is even)',
  exclusiveFairness: 'one listener, EPOLLEXCLUSIVE: evenness among the processes (1 is even)',
  reuseportFairness: 'a listener each: evenness among the processes (1 is even)',
};

/** Of several quantities under the same conditions: which one an effect is, by its name. */
const QUANTITIES: readonly (readonly [name: RegExp, words: string])[] = [
  [/^p50Ratio/, 'the median answer'],
  [/^p90Ratio/, '90 of 100 answers'],
  [/^p99Ratio/, '99 of 100 answers'],
  [/^errors$/, 'requests that failed'],
  [/^rounds$/, 'rounds'],
  [/^roundsWithALateGenerator$/, 'rounds with a late generator'],
  [/MemoryShareAt/, 'share of the connections’ own bytes'],
  [/^socketBytesPerConnection$/, 'a connection’s own bytes'],
  [/BytesPerConnection$/, 'bytes for each connection'],
  [/ShareAt\d/, 'share of a CPU'],
  [/WakeupsAt\d/, 'wake-ups'],
  [/ExaminedAt/, 'entries looked at'],
  [/ScanNsAt/, 'the walk through them'],
  [/TurnNsAt/, 'the whole turn'],
  [/SameCycle/, 'the same fds each cycle'],
  [/Cycle\d/, 'other fds each cycle'],
  [/CrossoverAt\d/, 'ready share from which it is dearer'],
  [/SmallerAgainAt/, 'fds from which it takes less again'],
  [/UserBytesAt\d/, 'in the program'],
  [/KernelBytesAt\d/, 'in the kernel'],
  [/BlockedBytesAt\d/, 'while it blocks'],
];

export const quantityOf = (name: string): string | undefined =>
  QUANTITIES.find(([pattern]) => pattern.test(name))?.[1];

/** An effect for people: who, compared with what, under which conditions. */
export const effectInWords = (effect: Told): string => KNOWN[effect.name] ?? fromFactors(effect);

const fromFactors = ({ name, unit, factors }: Told): string => {
  const { poller, overPoller, series, source } = factors;
  const conditions = conditionsInWords(factors);
  if (poller === undefined) {
    if (conditions === '') return inWords(name);
    return unit === 'count' ? `fds up to where it flips: ${conditions}` : conditions;
  }
  const who =
    overPoller === undefined
      ? String(poller)
      : `${poller} ${unit === 'ratio' ? 'over' : 'less'} ${overPoller}`;
  const how = [series === 'c-twin' && 'net of the binding', source !== undefined && String(source)];
  const quantity = quantityOf(name);
  const head = [who, ...how.filter(Boolean), ...(quantity ? [quantity] : [])].join(', ');
  return conditions === '' ? head : `${head}: ${conditions}`;
};

/** "1 000 watched", or "1 000 watched over 1". */
const counted =
  (noun: string, over: string) =>
  (count: string | number, factors: Factors): string => {
    const base = factors[over];
    const words = `${writeNumber(Number(count))} ${noun}`;
    return base === undefined || base === count ? words : `${words} over ${writeNumber(Number(base))}`;
  };

const words: Readonly<Record<string, (value: string | number, factors: Factors) => string>> = {
  watched: counted('watched', 'overWatched'),
  highestFd: (value, factors) =>
    `highest fd ${counted('', 'overHighestFd')(value, factors).replace('  ', ' ').trim()}`,
  churnPer100: (count, { instance }) => {
    if (instance === 'fresh') return '';
    return count === 0 ? 'the set stays' : `${writeNumber(Number(count))} replaced per 100 turns`;
  },
  instance: (instance) => (instance === 'fresh' ? 'a fresh instance each turn' : ''),
  timeout: (_, factors) => conditionInWords(factors).toLowerCase(),
  idle: (count, factors) => {
    const words = writeCount(Number(count), 'idle connection');
    return factors.overIdle === undefined ? words : `${words} over ${writeNumber(Number(factors.overIdle))}`;
  },
  active: (count) => (count === 0 ? '' : `${writeNumber(Number(count))} active`),
  load: (load, { ratePerSecond }) =>
    load === 'closed' ? 'closed loop' : `${writeNumber(Number(ratePerSecond))} beats a second`,
  phase: (phase) => (phase === 'none' ? '' : String(phase)),
  fileTable: (table) => (table === 'shared' ? 'shared file table' : ''),
  sharing: (sharing) => SHARINGS[String(sharing)] ?? String(sharing),
};

const SHARINGS: Readonly<Record<string, string>> = {
  level: 'one listener, plainly watched',
  exclusive: 'one listener, EPOLLEXCLUSIVE',
  reuseport: 'a listener each',
};

const conditionsInWords = (factors: Factors): string =>
  Object.entries(words)
    .flatMap(([name, write]) => {
      const value = factors[name];
      return value === undefined ? [] : write(value, factors) || [];
    })
    .join(', ');

/**
 * Effects of one claim in words, without what they all have in common where the words tell them apart without it; what is
 * `kept` is said nevertheless.
 */
export const tellApart = (
  effects: readonly Told[],
  kept: readonly string[] = ['poller', 'overPoller', 'series', 'source'],
): string[] => {
  const common = Object.keys(sharedFactors(effects));
  // The same words tell both.
  const isReadinessCommon = READINESS.every((name) => common.includes(name));
  const shared = common.filter((name) => isReadinessCommon || !READINESS.includes(name));
  const varied = effects.map(({ factors, ...rest }) => ({
    ...rest,
    factors: Object.fromEntries(
      Object.entries(factors).filter(([name]) => kept.includes(name) || !shared.includes(name)),
    ),
  }));
  const short = effects.length === 1 ? [] : varied.map(effectInWords);
  return effects.map((effect, index) => {
    const told = short[index] as string;
    return short.filter((other) => other === told).length === 1 ? told : effectInWords(effect);
  });
};

const READINESS = ['ready', 'position', 'timeout', 'wakesPerSecond'];

const sharedFactors = (effects: readonly Told[]): Factors =>
  Object.fromEntries(
    Object.entries(effects[0]?.factors ?? {}).filter(([name, value]) =>
      effects.every(({ factors }) => factors[name] === value),
    ),
  );

/** The conditions that some effects have in common, in words; empty where there are none. */
export const inCommon = (effects: readonly Told[]): string => conditionsInWords(sharedFactors(effects));

/** Who was compared with whom, and what some effects have in common: the title of their panel. */
export const titleOf = (effects: readonly Told[]): string =>
  fromFactors({ name: 'figures', unit: effects[0]?.unit ?? 'ratio', factors: sharedFactors(effects) });
