import type { MetricName } from './metrics.js';
import type { Factors } from './run-schema.js';

/** What the factors of an effect say beside the conditions of its cells. */

/** Of two cells that are compared, under which name a condition of the second stands beside that of the first: `overPoller`. */
export const overName = (name: string): string => `over${name[0]?.toUpperCase()}${name.slice(1)}`;

/*
 * `quantity`: what it is a figure of, where its unit and its other factors do not tell. These are all there are, with the words that
 * people read.
 */

/** Of a metric of its cells, or of two that it compares. */
const OF_A_METRIC = {
  cpuNsPerTurn: 'CPU time of a turn',
  scanNsPerTurn: 'the walk through them',
  fdsExamined: 'entries looked at',
  cpuNsPerCycle: 'CPU time of a cycle',
  userBytes: 'in the program',
  userCopyBytes: 'the program’s own copies',
  kernelPersistentBytes: 'in the kernel for good',
  kernelBlockedBytes: 'in the kernel while it blocks',
  socketBytes: 'a connection’s own bytes',
  cpuShare: 'share of a CPU',
  wakeupsPerSecond: 'wake-ups',
  cpuUsPerRequest: 'CPU time of a request',
  latencyP50Us: 'the median answer',
  latencyP90Us: '90 of 100 answers',
  latencyP99Us: '99 of 100 answers',
  errors: 'requests that failed',
  syscallsPerRequest: 'system calls of a request',
  cpuUsPerAccept: 'CPU time per connection',
  emptyWakeupsPerAccept: 'wake-ups for nothing per connection',
  fairness: 'evenness among the processes (1 is even)',
} as const satisfies Partial<Record<MetricName, string>>;

const COMPUTED = {
  windows: 'windows',
  windowsWithALateGenerator: 'windows with a late generator',
  bytesInAll: 'bytes in all',
  bytesPerConnection: 'bytes for each connection',
  shareOfConnection: 'share of the connections’ own bytes',
  oneMoreFd: 'one more fd',
  silentOverReadyFd: 'one more silent fd over one more ready fd',
  powerOfWatched: 'power of the number watched',
  powerOfReady: 'power of the number ready',
  kneeOfWatched: 'watched fds up to which the line holds',
  kneeOfReady: 'ready fds up to which the line holds',
  flipAtWatched: 'fds up to where it flips',
  flipAtReadyShare: 'ready share from which it is dearer',
} as const;

const WORDS = { ...OF_A_METRIC, ...COMPUTED };

export type Quantity = keyof typeof WORDS;
export const quantities = Object.keys(WORDS) as readonly Quantity[];

const words: ReadonlyMap<string | number, string> = new Map(Object.entries(WORDS));

/** Undefined for an effect without one, and for one that only a later release knows. */
export const quantityInWords = ({ quantity }: Factors): string | undefined =>
  quantity === undefined ? undefined : words.get(quantity);

export const ofQuantity = <Told extends { readonly factors: Factors }>(
  quantity: Quantity,
  effect: Told,
): Told => ({ ...effect, factors: { ...effect.factors, quantity } });
