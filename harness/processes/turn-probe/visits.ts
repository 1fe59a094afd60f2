import { Bench } from 'tinybench';
import type { Dissectable } from '../../../pollers/dissection.js';
import { monotonicNs, threadCpuNs } from '../../../pollers/libc/clock.js';
import { involuntarySwitches } from '../../../pollers/libc/process.js';
import type { PollerName } from '../../../pollers/names.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import { withSharedFileTable } from '../control/file-table.js';
import type { FileTable, TurnConditions, TurnSample, TurnSeries, TurnVisit } from '../control/messages.js';
import type { Pool } from './pool.js';
import type { Sleeper } from './sleeper.js';
import type { TurnsModule } from './turns.js';
import type { Twin } from './twin.js';

/** A finite timeout that is never reached: something is ready. */
const FINITE_MS = 1000;
const TIMEOUTS_MS = { zero: 0, finite: FINITE_MS, infinite: null, slept: null } as const;

/** Turns before the measured ones, whose caches and branches still belong to the previous cell. */
const leadIn = (turns: number, watched: number) => Math.max(Math.ceil(turns / 10), watched > 4000 ? 10 : 3);

type Dissected = Poller & Dissectable;

/** How often this thread lost its CPU within measured batches: what happens while a visit is set up disturbs nothing. */
export const disturbance = { involuntarySwitches: 0 };

function counted<T>(batch: () => T): T {
  const before = involuntarySwitches();
  const result = batch();
  disturbance.involuntarySwitches += involuntarySwitches() - before;
  return result;
}

/** One batch of turns: total ready fds seen. */
type Batch = (turns: number) => number;

/** The means of one process: its sockets, its closures, and the C twin where there is one. */
export interface Means {
  readonly pool: Pool;
  readonly sleeper: Sleeper;
  readonly twin: Twin | null;
  /** How the process was started; visits under a shared table share a private one for their time. */
  readonly fileTable: FileTable;
  readonly create: (name: PollerName) => Poller;
  /** Separate closures by poller and series, see turns.ts. */
  readonly modules: ReadonlyMap<string, TurnsModule>;
}

export const closureName = (poller: PollerName, series: TurnSeries): string => `${poller}/${series}`;

/** Makes one visit: registers the fds, makes some of them ready, measures each series in turn, and tidies up. */
export function makeVisit(
  means: Means,
  visit: TurnVisit,
  series: readonly TurnSeries[],
  turns: number,
): Omit<TurnSample, 'visit'>[] {
  return withPoller(means, visit, (poller) =>
    series.map((name) => {
      if (visit.conditions.timeout === 'slept')
        return sleptSample(means, poller, visit.conditions, name, turns);
      const { cpuNs, wallNs, ready } = measureBatch(
        batchOf(means, poller, visit, name),
        turns,
        visit.conditions,
      );
      const metrics = { cpuNsPerTurn: cpuNs, wallNsPerTurn: wallNs, readyPerTurn: ready };
      if (name !== 'pollcost') return { series: name, turns, metrics };
      const scanNsPerTurn = measureScan(means, poller, visit, turns);
      return { series: name, turns, metrics: { ...metrics, fdsExamined: poller.fdsExamined, scanNsPerTurn } };
    }),
  );
}

/** How many turns of the first series last `batchMs` of CPU time, or of wall time where the turns sleep. */
export function calibrate(means: Means, visit: TurnVisit, batchMs: number): number {
  const { conditions } = visit;
  if (conditions.timeout === 'slept')
    return Math.max(1, Math.round((conditions.wakesPerSecond * batchMs) / 1000));
  return withPoller(means, visit, (poller) => {
    const batch = batchOf(means, poller, visit, visit.series[0] ?? 'pollcost');
    batch(leadIn(0, conditions.watched));
    for (let turns = 1; ; turns *= 4) {
      const before = threadCpuNs();
      batch(turns);
      const spent = threadCpuNs() - before;
      if (spent >= batchMs * 0.25e6)
        return lasting(batch, Math.ceil((turns * batchMs * 1e6) / spent), batchMs);
    }
  });
}

/** At least `turns`, and so many that a batch of them lasts, with a tenth to spare for a faster run later. */
function lasting(batch: Batch, turns: number, batchMs: number): number {
  const before = threadCpuNs();
  batch(turns);
  return Math.max(turns, Math.ceil((turns * batchMs * 1.1e6) / (threadCpuNs() - before)));
}

function withPoller<T>(means: Means, visit: TurnVisit, use: (poller: Dissected) => T): T {
  const { pool, sleeper } = means;
  const { watched, highestFd, ready, position, timeout, fileTable } = visit.conditions;
  if (fileTable === 'private' && means.fileTable === 'shared') throw new Error('the file table is shared');
  const shares = fileTable === 'shared' && means.fileTable === 'private';
  const poller = means.create(visit.poller) as Dissected;
  const slept = timeout === 'slept';
  const first = highestFd === undefined ? 0 : placeAt(pool, highestFd, watched);
  const readyIndex = position === 'last' ? first + watched - 1 : first;
  const standing = ready > 0 && !slept;
  if (standing) pool.makeReady(readyIndex);
  try {
    if (slept) poller.register(sleeper.fd, READ);
    for (let index = first; index < first + watched - (slept ? 1 : 0); index++)
      poller.register(pool.fd(index), READ);
    return shares ? withSharedFileTable(() => use(poller)) : use(poller);
  } finally {
    poller.close();
    if (standing) pool.drain(readyIndex);
  }
}

/** The index of the first of `watched` pool sockets of which the last has number `highestFd`. */
function placeAt(pool: Pool, highestFd: number, watched: number): number {
  const last = pool.indexOf(highestFd);
  if (last !== -1) return last - watched + 1;
  if (watched !== 1) throw new RangeError(`no ${watched} sockets of the pool end at fd ${highestFd}`);
  pool.move(0, highestFd);
  return 0;
}

function batchOf(means: Means, poller: Dissected, visit: TurnVisit, series: TurnSeries): Batch {
  const timeoutMs = TIMEOUTS_MS[visit.conditions.timeout];
  if (series !== 'c-twin') {
    const { turns } = moduleOf(means, visit.poller, series);
    return (count) => turns(poller, timeoutMs, count);
  }
  const { twin } = means;
  if (!twin) throw new Error('the C twin was not built');
  return (count) => twin.turns(poller.nativeCall(), timeoutMs ?? -1, count);
}

/** Per turn. Throws when the turns did not see what they should: an unready fd measures another thing. */
function measureBatch(batch: Batch, turns: number, conditions: TurnConditions) {
  batch(leadIn(turns, conditions.watched));
  let wallNs = 0;
  let seen = 0;
  // tinybench takes one timestamp around each call, which would cost more than a turn: a task is a whole batch, and says
  // itself how long a turn took and how long the batch.
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, retainSamples: true, throws: true });
  bench.add(
    'turn',
    () => {
      const wallBefore = monotonicNs();
      const before = threadCpuNs();
      seen = batch(turns);
      const spentNs = threadCpuNs() - before;
      wallNs = monotonicNs() - wallBefore;
      return { overriddenDuration: spentNs / turns / 1e6, overriddenIterationCost: spentNs / 1e6 };
    },
    { async: false },
  );
  const [task] = counted(() => bench.runSync());
  if (task?.result.state !== 'completed') throw new Error(`a batch of turns ended as ${task?.result.state}`);
  if (seen !== turns * conditions.ready) {
    throw new Error(`${turns} turns with ${conditions.ready} ready fds saw ${seen} of them`);
  }
  return { cpuNs: task.result.latency.p50 * 1e6, wallNs: wallNs / turns, ready: seen / turns };
}

/** The walk over the system call's answer alone, repeated on the answer of one real call. */
function measureScan(means: Means, poller: Dissected, visit: TurnVisit, turns: number): number {
  const { scans } = moduleOf(means, visit.poller, 'pollcost');
  const answered = poller.wait(TIMEOUTS_MS[visit.conditions.timeout]);
  scans(poller, answered, leadIn(turns, visit.conditions.watched));
  const before = threadCpuNs();
  scans(poller, answered, turns);
  return (threadCpuNs() - before) / turns;
}

function sleptSample(
  { sleeper }: Means,
  poller: Dissected,
  { wakesPerSecond }: TurnConditions,
  series: TurnSeries,
  wakes: number,
): Omit<TurnSample, 'visit'> {
  const before = monotonicNs();
  const { turns, cpuNs, ready } = counted(() => sleeper.turns(poller, wakes, wakesPerSecond));
  const wallNs = monotonicNs() - before;
  return {
    series,
    turns,
    metrics: {
      cpuNsPerTurn: cpuNs / turns,
      wallNsPerTurn: wallNs / turns,
      readyPerTurn: ready / turns,
      fdsExamined: poller.fdsExamined,
    },
  };
}

function moduleOf({ modules }: Means, poller: PollerName, series: TurnSeries): TurnsModule {
  const module = modules.get(closureName(poller, series));
  if (!module) throw new Error(`no closure for ${closureName(poller, series)}`);
  return module;
}
