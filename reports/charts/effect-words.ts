import { overName, quantityInWords } from '../../harness/results/effect-factors.js';
import type { Effect, Factors } from '../../harness/results/run-schema.js';
import { inWords, writeCount, writeNumber } from '../figures.js';
import { conditionInWords } from './captions.js';

type Told = Pick<Effect, 'name' | 'unit' | 'factors'>;

/** Those that are one of a kind: no factors tell what they are. */
const KNOWN: Readonly<Record<string, string>> = {
  mostSocketsWithSelectSmaller: 'most sockets up to which select takes less memory',
  selectSmallerAgainAt: 'fewest sockets beyond that with which select takes less memory again',
  selectTenthSocketReadOverComputed: 'the page at the tenth socket, read over computed',
  difference100Minus50InWatchedFds: 'number 100 less number 50, counted in watched fds',
  userBytesOfThreeSets: 'select: its three sets in user space',
  fewestFdsBeyond384InKernel: 'select: fewest fds with more than 384 bytes in the kernel',
  shareByWhichReadDiffersFromComputed: 'share by which read differs from computed',
  bytesPerWatchByMaxUserWatches: 'bytes for one watch by the kernel’s own limit of watches',
  selectAccepts1024: 'select accepts fd 1\u202f024',
  allDeliverAt1023: 'all pollers deliver at fd 1\u202f023',
  selectRefusesAbove1023: 'select refuses fds above 1\u202f023',
  selectWideRefusesAbove1023: 'select with larger bitmaps refuses them',
  pollAndEpollDeliverAbove1023: 'poll and epoll deliver above 1\u202f023',
  selectReports: 'select calls a regular file ready',
  pollReports: 'poll calls a regular file ready',
  epollErrno: 'epoll: number of the error with which it refuses a regular file (1 is EPERM)',
  boundaryConnections: 'most connections up to which the difference is below 5\u00a0%',
  shareOfGridWhereEpollIsSurelyCheaper: 'share of the grid where epoll is surely cheaper',
  ioUringRingBytes: 'io_uring: its entries of the rings, with the most fds',
};

/** An effect for people: who, compared with what, under which conditions. */
export const effectInWords = (effect: Told): string => KNOWN[effect.name] ?? fromFactors(effect);

const fromFactors = ({ name, unit, factors }: Told): string => {
  const { poller, overPoller, series, source, overSource } = factors;
  const quantity = quantityInWords(factors);
  const who =
    overPoller === undefined ? poller : `${poller} ${unit === 'ratio' ? 'over' : 'less'} ${overPoller}`;
  const how = [
    series === 'c-twin' && 'net of the binding',
    overSource === undefined ? source : `${source} over ${overSource}`,
  ];
  const head = [who, ...how, quantity].filter(Boolean).join(', ');
  return [head, conditionsInWords(factors)].filter(Boolean).join(': ') || inWords(name);
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
  life: (life) => LIVES[life] ?? '',
  idle: (count, factors) => {
    const words = writeCount(Number(count), 'idle connection');
    return factors.overIdle === undefined ? words : `${words} over ${writeNumber(Number(factors.overIdle))}`;
  },
  active: (count) => (count === 0 ? '' : `${writeNumber(Number(count))} active`),
  load: (load, { ratePerSecond }) =>
    load === 'closed' ? 'closed loop' : `${writeNumber(Number(ratePerSecond))} beats a second`,
  phase: (phase) => (phase === 'none' ? '' : String(phase)),
  serverPriority: (priority) => (priority === 'realtime' ? 'with real-time priority' : ''),
  fileTable: (table) => (table === 'shared' ? 'shared file table' : ''),
  sharing: (sharing) => SHARINGS[sharing] ?? String(sharing),
};

const LIVES: Readonly<Record<string, string>> = {
  'consumed-same': 'the same fds each cycle',
  'consumed-rotating': 'other fds each cycle',
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
  kept: readonly string[] = ['poller', 'overPoller', 'series', 'source', 'quantity'],
): string[] => {
  const common = Object.keys(sharedFactors(effects));
  // The same words tell both.
  const isReadinessCommon = READINESS.every((name) => common.includes(name));
  // "1 000 watched over 1": the second cannot be told without the first.
  const isComparedIn = (name: string) => effects.some(({ factors }) => overName(name) in factors);
  const shared = common.filter(
    (name) =>
      (isReadinessCommon || !READINESS.includes(name)) &&
      (common.includes(overName(name)) || !isComparedIn(name)),
  );
  // A server has none; beside it one life of readiness tells nothing apart.
  if (new Set(effects.flatMap(({ factors }) => factors.life ?? [])).size === 1) shared.push('life');
  const varied = effects.map(({ factors, ...rest }) => ({
    ...rest,
    factors: Object.fromEntries(
      Object.entries(factors).filter(([name]) => kept.includes(name) || !shared.includes(name)),
    ),
  }));
  const short = effects.length === 1 ? [] : varied.map(effectInWords);
  const whole = effects.map(effectInWords);
  return effects.map(({ name }, index) => {
    const telling = [short, whole].find((all) => isOnce(all[index], all));
    // Its run was written before an effect said its quantity, or by a release that knows more of them.
    return telling?.[index] ?? `${whole[index]} (${inWords(name)})`;
  });
};

const isOnce = (told: string | undefined, all: readonly string[]): boolean =>
  all.filter((other) => other === told).length === 1;

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
