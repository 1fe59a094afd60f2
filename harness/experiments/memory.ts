import { BEYOND } from '../claims/needs.js';
import { freePagesAreReadable } from '../collectors/free-pages.js';
import type { FdNumbers } from '../processes/batch/protocol.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import type { Cell, Warning } from '../results/run-schema.js';
import { beside } from './beside.js';
import type { Experiment, LaunchPlan, PlanContext, Visit } from './experiment.js';
import { readBooks } from './kernel-books.js';
import {
  LEAST_READ,
  type MemoryConditions,
  type MemorySetting,
  openMemorySession,
  type Source,
} from './memory-session.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  readonly toggles: number;
  /** How many fds are watched where memory is read, beside those around the first page. */
  readonly read: readonly number[];
}

/** As many as the fd limit allows. */
const MOST = Number.POSITIVE_INFINITY;

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 3, rounds: 1, toggles: 11, read: [1000, 2000, MOST] },
  standard: { launches: 3, rounds: 1, toggles: 11, read: [1000, 2000, 5000, MOST] },
  thorough: { launches: 5, rounds: 5, toggles: 25, read: [500, 1000, 2000, 3000, 5000, 7000, MOST] },
};
/** The tenth entry of a wait queue takes a page. */
const AROUND_FIRST_PAGE = [9, 10];

/** The bitmaps of 288 fds end at 319 and lie on the kernel's stack; one more and they do not. 992 end at 1 023. */
const COUNTS = [
  ...Array.from({ length: 16 }, (_, index) => index + 1),
  ...[32, 64, 100, 288, 289, 320, 321, 500, 992, 1000, 2000, 5000, MOST],
];

/** Where one fd alone is watched. */
const NUMBERS = [1023, 1024, 4096, MOST];
/** All that fit under FD_SETSIZE, apart from stdin: more than sockets can have, because Node holds the lowest numbers. */
const FULL = { watched: 1023, highestFd: 1023 };

interface Point extends MemoryConditions {
  /** Not fds of the pool: its numbers must be free. */
  readonly alone?: true;
}

export const memory: Experiment<MemoryConditions, MemorySetting> = {
  id: 'memory',
  needsLinux: "the kernel's memory is read from Linux's own books",
  question:
    'what does waiting take of memory: of the program and of the kernel, for good and while it blocks?',
  connectionsFactor: 'watched',
  plan(context) {
    const design = DESIGNS[context.profile];
    const { numbers } = context.probe;
    const values = allowedValues(context, numbers.mostPairs);
    const counts = values(COUNTS);
    const readCounts = values([...AROUND_FIRST_PAGE, ...design.read]).filter(
      (count) => count >= LEAST_READ || AROUND_FIRST_PAGE.includes(count),
    );
    whyClosed ??= { reason: reasonNotToRead() };
    const visits: Visit<MemoryConditions>[] = [];
    const [pooled, alone]: [number[], number[]] = [[], []];
    for (const poller of [...context.pollers, ...beside(context, BEYOND.memory.pollers)]) {
      const facts = context.probe.pollers[poller];
      if (!facts) continue;
      for (const point of pointsOf(facts, counts, readCounts, numbers)) {
        const { watched, highestFd, source } = point;
        const skip = reasonToSkip(point, facts, context.probe, whyClosed.reason);
        const conditions: MemoryConditions = { watched, highestFd, source };
        const series = [{ name: 'pollcost' as const, ...(skip !== undefined && { skip }) }];
        const index = visits.push({ poller, factors: { ...conditions }, conditions, series }) - 1;
        if (skip === undefined) (point.alone ? alone : pooled).push(index);
      }
    }
    const most = Math.max(0, ...counts);
    return {
      id: 'memory',
      visits,
      launches: launchesOf(visits, pooled, alone, most, design),
      isCounted: true,
      warnings: values.warnings,
    };
  },
  open: openMemorySession,
  warnings: disagreements,
};

function pointsOf(
  { maxFd, scansAll }: PollerFacts,
  counts: readonly number[],
  readCounts: readonly number[],
  { first, last }: FdNumbers,
): Point[] {
  const pooled = (source: Source) => (watched: number) => ({
    watched,
    highestFd: first + watched - 1,
    source,
  });
  const within = (watched: number) => first + watched - 1 <= maxFd;
  // Where the numbers end early, the last count that they allow takes the place of those beyond.
  const fullest = maxFd - first + 1;
  const asked = readCounts.filter((count) => scansAll || count >= LEAST_READ);
  const readable = asked.filter(within);
  if (readable.length < asked.length && counts.includes(fullest)) readable.push(fullest);
  const single = [...new Set(NUMBERS.map((number) => Math.min(number, last)))];
  return [
    ...counts.map(pooled('computed')),
    ...readable.map(pooled('read')),
    ...(scansAll ? [{ ...FULL, source: 'computed', alone: true } as const] : []),
    ...single.map((highestFd) => ({ watched: 1, highestFd, source: 'computed', alone: true }) as const),
  ];
}

function reasonToSkip(
  { highestFd, source, alone }: Point,
  { maxFd, blocks, call }: PollerFacts,
  { loopback }: PlanContext['probe'],
  closed: string | undefined,
): string | undefined {
  if (call === null)
    return 'it does not say what it waits with, so that nobody knows what the kernel keeps for it';
  if (highestFd > maxFd) return `it takes no fd above ${maxFd}`;
  if (!alone && !loopback.ok) return loopback.reason;
  if (source === 'computed') return undefined;
  if (!blocks) return 'it never sleeps, so that there is no time at which its memory could be read';
  return closed;
}

let whyClosed: { readonly reason: string | undefined } | null = null;

/** Asked once in the life of this process: the kernel takes long to list its caches. */
function reasonNotToRead(): string | undefined {
  if (!freePagesAreReadable())
    return 'this kernel does not say how many pages are free; the computed column stands';
  if (readBooks([], 0).length > 0) return undefined;
  return 'only root may read /proc/slabinfo, and no memory cgroup counts for this process; the computed column stands';
}

function launchesOf(
  visits: readonly Visit<MemoryConditions>[],
  pooled: number[],
  alone: number[],
  most: number,
  { launches, rounds, toggles }: Design,
): LaunchPlan<MemorySetting>[] {
  const reads = (index: number) => visits[index]?.factors.source === 'read';
  const secondsOf = (index: number) => (reads(index) ? 0.04 + toggles * 0.001 : 0.001);
  const launch = (chosen: number[], poolSize: number, count: number): LaunchPlan<MemorySetting> => ({
    rounds: count,
    visits: chosen,
    setting: { poolSize, toggles },
    secondsPerRound: chosen.reduce((sum, index) => sum + secondsOf(index), 0),
    secondsToStart: 0.4 + poolSize * 6e-5,
  });
  const computed = pooled.filter((index) => !reads(index));
  const read = launch(pooled.filter(reads), most, rounds);
  // What is only computed comes out the same every time.
  const plans = [
    launch(alone, 0, 1),
    launch(computed, most, 1),
    ...Array.from({ length: launches }, () => read),
  ];
  return plans.filter(({ visits: chosen }) => chosen.length > 0);
}

/** How far the two columns may be apart before the report warns. */
const TOLERANCE = 0.15;
/** Below so many bytes, or fds for what stays, what was read is mostly what cannot be told apart. */
const LEAST_COMPARED = { bytes: 8 * 4096, watched: 2000 };
const COMPARED = ['userBytes', 'kernelPersistentBytes', 'kernelBlockedBytes', 'socketBytes'] as const;

/** Where what was read of the kernel and what its structures add up to are further apart than they may be. */
export function disagreements(cells: readonly Cell[]): Warning[] {
  const apart = cells.flatMap((read) => {
    if (read.status !== 'measured' || read.factors.source !== 'read') return [];
    const { watched, highestFd } = read.factors;
    const computed = cells.find(
      ({ poller, factors }) =>
        poller === read.poller &&
        factors.source === 'computed' &&
        factors.watched === watched &&
        factors.highestFd === highestFd,
    );
    return COMPARED.flatMap((metric) => {
      const [is, should] = [read.metrics[metric]?.value, computed?.metrics[metric]?.value];
      if (is === undefined || should === undefined || should < LEAST_COMPARED.bytes) return [];
      if (metric === 'kernelPersistentBytes' && Number(watched) < LEAST_COMPARED.watched) return [];
      if (Math.abs(is / should - 1) <= TOLERANCE) return [];
      return [
        `${metric} of ${read.poller} at ${watched}: read ${Math.round(is)}, computed ${Math.round(should)}`,
      ];
    });
  });
  if (apart.length === 0) return [];
  return [
    {
      code: 'ledger-disagrees',
      message: `memory: what was read and what was computed are more than 15 % apart: ${apart.join('; ')}`,
      advice: 'run it again while nothing else runs; if it stays so, this kernel is laid out differently',
    },
  ];
}
