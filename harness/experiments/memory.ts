import { slabinfoIsReadable } from '../collectors/environment.js';
import type { Cell, Warning } from '../results/run-schema.js';
import type { Experiment, LaunchPlan, PlanContext, Visit } from './experiment.js';
import { openMemorySession } from './memory-session.js';
import { allowedValues } from './values.js';

export type Source = 'computed' | 'read';

/** What a session has to know of a visit. */
export interface MemoryConditions {
  readonly watched: number;
  readonly highestFd: number;
  readonly source: Source;
}

export interface MemorySetting {
  readonly poolSize: number;
  /** How often a subject goes to sleep in its poller and wakes, for one sample. */
  readonly toggles: number;
}

interface Design {
  /** Of the column that is read; what is computed is exact. */
  readonly launches: number;
  readonly rounds: number;
  readonly toggles: number;
}

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 3, rounds: 1, toggles: 15 },
  standard: { launches: 3, rounds: 2, toggles: 25 },
  thorough: { launches: 5, rounds: 8, toggles: 25 },
};

/** As many as the fd limit allows. */
const MOST = Number.POSITIVE_INFINITY;
/** The bitmaps of 288 fds end at 319 and lie on the kernel's stack; one more and they do not. 992 are the last below 1 024. */
const COUNTS = [
  ...Array.from({ length: 16 }, (_, index) => index + 1),
  ...[32, 64, 100, 288, 289, 320, 321, 500, 992, 1000, 2000, 5000, MOST],
];
/** Fewer objects than this drown among those that each CPU keeps at hand. */
const LEAST_READ = 500;

/** Where one fd alone is watched. */
const NUMBERS = [1023, 1024, 4096, MOST];
/** All that fit under FD_SETSIZE, apart from stdin: more than sockets can have, because Node holds the lowest numbers. */
const FULL = { watched: 1023, highestFd: 1023 };

interface Point extends MemoryConditions {
  readonly alone: boolean;
}

export const memory: Experiment = {
  id: 'memory',
  question:
    'what does waiting take of memory: of the program and of the kernel, for good and while it blocks?',
  connectionsFactor: 'watched',
  plan(context) {
    const { numbers } = context.probe;
    const values = allowedValues(context, numbers.mostPairs);
    const counts = values(COUNTS);
    const inPool = (watched: number) => ({ watched, highestFd: numbers.first + watched - 1, alone: false });
    const highest = numbers.last - numbers.spare;
    const alone = NUMBERS.map((number) => Math.min(number, highest)).filter(
      (number, index, all) => all.indexOf(number) === index,
    );
    const points: Point[] = [
      ...counts.map((watched) => ({ ...inPool(watched), source: 'computed' as const })),
      { ...FULL, source: 'computed', alone: true },
      ...alone.map((highestFd) => ({ watched: 1, highestFd, source: 'computed' as const, alone: true })),
      ...counts
        .filter((watched) => watched >= LEAST_READ)
        .map((watched) => ({ ...inPool(watched), source: 'read' as const })),
    ];
    const visits: Visit[] = [];
    const groups: Record<'computed' | 'alone' | 'read', number[]> = { computed: [], alone: [], read: [] };
    for (const point of points) {
      for (const poller of context.pollers) {
        const facts = context.probe.pollers[poller];
        if (!facts || (point.watched === FULL.watched && !facts.scansAll)) continue;
        const { watched, highestFd, source } = point;
        const skip = reasonToSkip(point, facts);
        const series = [
          skip === undefined ? ({ name: 'pollcost' } as const) : { name: 'pollcost' as const, skip },
        ];
        const conditions: MemoryConditions = { watched, highestFd, source };
        const index = visits.push({ poller, factors: { ...conditions }, conditions, series }) - 1;
        if (skip === undefined) groups[point.alone ? 'alone' : source].push(index);
      }
    }
    const most = Math.max(0, ...counts);
    return {
      id: 'memory',
      visits,
      launches: launchesOf(groups, most, DESIGNS[context.profile]),
      warnings: values.warnings,
    };
  },
  open: openMemorySession,
  warnings: disagreements,
};

function reasonToSkip(
  { highestFd, source }: Point,
  { maxFd, blocks }: NonNullable<PlanContext['probe']['pollers'][keyof PlanContext['probe']['pollers']]>,
): string | undefined {
  if (highestFd > maxFd) return `it takes no fd above ${maxFd}`;
  if (source === 'computed') return undefined;
  if (!blocks) return 'it never sleeps, so that there is no time at which its memory could be read';
  return slabinfoIsReadable() ? undefined : 'only root may read /proc/slabinfo; the computed column stands';
}

function launchesOf(
  groups: Record<'computed' | 'alone' | 'read', number[]>,
  most: number,
  { launches, rounds, toggles }: Design,
): LaunchPlan[] {
  const launch = (
    visits: number[],
    poolSize: number,
    secondsPerVisit: number,
    count: number,
  ): LaunchPlan => ({
    rounds: count,
    visits,
    setting: { poolSize, toggles } satisfies MemorySetting,
    secondsPerRound: visits.length * secondsPerVisit,
    secondsToStart: 0.4 + poolSize * 6e-5,
  });
  const plans = [launch(groups.computed, most, 0.002, 1), launch(groups.alone, 0, 0.001, 1)];
  const perVisit = 0.06 + toggles * 0.002;
  for (let index = 0; index < launches; index++) plans.push(launch(groups.read, most, perVisit, rounds));
  return plans.filter(({ visits }) => visits.length > 0);
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
