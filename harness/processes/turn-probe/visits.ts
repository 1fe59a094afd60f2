import { monotonicNs, threadCpuNs } from '../../../pollers/libc/clock.js';
import { type NativeWait, type Poller, READ } from '../../../pollers/poller.js';
import type { TurnSample, TurnSeries } from '../batch/protocol.js';
import { withSharedFileTable } from '../file-table.js';
import {
  type Batch,
  batchOf,
  counted,
  formOf,
  leadIn,
  type Means,
  measureBatch,
  moduleOf,
  type Scene,
  TIMEOUTS_MS,
} from './batches.js';
import type { Pool } from './pool.js';
import type { TurnConditions, TurnVisit } from './protocol.js';
import { receive, send } from './turns.js';
import { drain, Progress, type Workload, workload } from './workload.js';

type Sample = Omit<TurnSample, 'visit'>;

/** Each turn with cold caches costs milliseconds in which they are made so. */
const COLD_TURNS = 3;

/**
 * Makes one visit: registers the fds, makes some of them ready, measures each series in turn, and tidies up.
 *
 * `cpuNsPerTurn` is that of a batch of turns over their number, wherever a batch is nothing but turns. Where other work
 * stands between them (traffic, cold caches) each turn is bracketed by readings of the CPU clock, and as many readings with
 * nothing in between are taken off: the difference of two batches, with and without the wait, would drown a turn of 0.5 us
 * in the scatter of messages that take 7 us each, and epoll's ready list would differ between the two. `cpuNsPerCycle` comes
 * from a batch without brackets. `wallNsPerTurn` is the time of the batch over its turns, whatever stands between them.
 */
export function makeVisit(
  means: Means,
  visit: TurnVisit,
  series: readonly TurnSeries[],
  turns: number,
  progress = new Progress(),
): Sample[] {
  const { conditions } = visit;
  if (conditions.timeout === 'slept')
    return withScene(means, visit, progress, (scene) =>
      series.map((name) => sleptSample(scene, name, turns)),
    );
  // C takes over the memory of a poller whose registrations it replaces, and a fresh one stands beside no other.
  const alone = (conditions.churnPer100 ?? 0) > 0 || formOf(conditions) === 'fresh';
  const groups = alone ? series.map((name) => [name]) : [series];
  return groups.flatMap((names) =>
    withScene(means, visit, progress, (scene) => names.map((name) => sampleOf(scene, name, turns))),
  );
}

/** How many turns of the first series last `batchMs` of CPU time, or of wall time where the turns sleep. */
export function calibrate(means: Means, visit: TurnVisit, batchMs: number, progress: Progress): number {
  const { conditions } = visit;
  if (conditions.timeout === 'slept')
    return Math.max(1, Math.round((conditions.wakesPerSecond * batchMs) / 1000));
  const form = formOf(conditions);
  if (form === 'cold') return COLD_TURNS;
  return withScene(means, visit, progress, (scene) => {
    const batch = batchOf(scene, visit.series[0] ?? 'pollcost', form);
    batch(leadIn(form === 'consumed' ? 1 : 0, conditions));
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

/** Registers what these conditions say, and leaves the pool as it was. */
function withScene<T>(means: Means, visit: TurnVisit, progress: Progress, use: (scene: Scene) => T): T {
  const { pool, sleeper } = means;
  const { conditions } = visit;
  const { watched, highestFd, timeout, fileTable } = conditions;
  if (fileTable === 'private' && means.fileTable === 'shared') throw new Error('the file table is shared');
  const shares = fileTable === 'shared' && means.fileTable === 'private';
  const first = highestFd === undefined ? 0 : placeAt(pool, highestFd, watched);
  const work = workload(pool, first, conditions, progress);
  const poller = means.create(visit.poller);
  const scene = { means, visit, poller, work };
  const slept = timeout === 'slept';
  const form = formOf(conditions);
  const standing = !slept && form !== 'consumed';
  try {
    if (standing) send(work);
    if (slept) poller.register(sleeper.fd, READ);
    if (form !== 'fresh') registerAll(scene, watched - (slept ? 1 : 0));
    if (form === 'consumed') send(work);
    makeRoom(poller);
    if (form === 'consumed') drain(work);
    return shares ? withSharedFileTable(() => use(scene)) : use(scene);
  } finally {
    poller.close();
    drain(work);
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

/** In the order of their numbers: it is poll's scan order. */
function registerAll({ poller, work }: Scene, count: number): void {
  for (const fd of work.fds.slice().sort().subarray(0, count)) poller.register(fd, READ);
}

/** A poller that grows its room for events whenever a wait filled it has enough once the waits are alike. */
function makeRoom(poller: Poller): void {
  for (let before = 0, ready = poller.wait(0); ready !== before; ready = poller.wait(0)) before = ready;
}

function sampleOf(scene: Scene, series: TurnSeries, turns: number): Sample {
  const { visit, work, poller } = scene;
  const form = formOf(visit.conditions);
  const batch = batchOf(scene, series, form);
  batch(leadIn(turns, visit.conditions));
  const { cpuNs, wallNs, ready } = measureBatch(batch, turns, scene);
  const metrics: Record<string, number> = {
    cpuNsPerTurn: form === 'cold' ? turnNsOf(work, turns) : cpuNs,
    wallNsPerTurn: wallNs,
    readyPerTurn: ready,
  };
  if (form === 'consumed') {
    metrics.cpuNsPerCycle = cpuNs;
    const fewer = Math.ceil(turns / 2);
    measureBatch(batchOf(scene, series, 'bracketed'), fewer, scene);
    metrics.cpuNsPerTurn = turnNsOf(work, fewer);
  }
  if (series !== 'pollcost') return { series, turns, metrics };
  if (form === 'fresh') registerAll(scene, work.fds.length);
  metrics.fdsExamined = poller.fdsExamined;
  if (poller.native) metrics.scanNsPerTurn = measureScan(scene, poller.native, turns);
  return { series, turns, metrics };
}

const turnNsOf = ({ turnNs }: Workload, turns: number): number => (turnNs[0] as number) / turns;

/** The walk over the system call's answer alone, repeated on the answer of one real call. */
function measureScan({ means, visit, poller, work }: Scene, native: NativeWait, turns: number): number {
  const { conditions } = visit;
  const { scans } = moduleOf(means, visit.poller, 'pollcost');
  const consumed = formOf(conditions) === 'consumed';
  if (consumed) send(work);
  const answered = poller.wait(TIMEOUTS_MS[conditions.timeout]);
  // So many that two readings of the clock do not count, however few turns a batch has.
  const count = Math.max(turns, 100 + Math.ceil(20_000 / conditions.watched));
  scans(native, answered, Math.ceil(count / 10));
  const before = threadCpuNs();
  scans(native, answered, count);
  const ns = (threadCpuNs() - before) / count;
  if (consumed) {
    receive(poller, answered, work);
    drain(work);
  }
  return ns;
}

function sleptSample({ means, poller, visit }: Scene, series: TurnSeries, wakes: number): Sample {
  const { wakesPerSecond } = visit.conditions as TurnConditions;
  const before = monotonicNs();
  const { turns, cpuNs, ready } = counted(() => means.sleeper.turns(poller, wakes, wakesPerSecond));
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
