import { monotonicNs, threadCpuNs } from '../../../pollers/libc/clock.js';
import { type NativeWait, type Poller, READ } from '../../../pollers/poller.js';
import { costOfClockNs } from '../batch/cost-of-clock.js';
import { middleOf } from '../batch/middle.js';
import type { Pool } from '../batch/pool.js';
import type { BatchVisit, TurnSeries } from '../batch/protocol.js';
import type { Measured, Scene, Workload } from '../batch/workload.js';
import { withSharedFileTable } from '../file-table.js';
import { type ActiveFds, activeFds, drain, Progress } from './active-fds.js';
import {
  type Batch,
  batchOf,
  formOf,
  inGroups,
  leadIn,
  type Means,
  measureBatch,
  TIMEOUTS_MS,
  type Waiting,
} from './batches.js';
import { Evictor } from './evictor.js';
import { type TurnConditions, wakesIn } from './protocol.js';
import { receive, send } from './turns.js';

type TurnVisit = BatchVisit<TurnConditions>;

/** Each turn with cold caches costs milliseconds in which they are made so. */
const COLD_TURNS = 3;
/** How often each copy is run in each form before it counts; in pieces, because V8 changes code between calls. */
const FIRST_PASSES = 5;
const FIRST_TURNS = 60;
const WARM_UP_PASSES = 8;
const WARM_UP_TURNS = 500;
/** Cycles with messages in between are dear, so that a batch has few: a copy that is in one cell of a grid was compiled in its rounds. */
const BATCHES_OF_CYCLES = 12;
/** Of cycles that take long a batch has a few; so many of them are bracketed, if there are. */
const LEAST_BRACKETED = 8;
/** Of the CPU clock, by a bracketed cycle. */
const READINGS_A_CYCLE = 3;
const clockNs = costOfClockNs();

/**
 * Turns of a poller under the conditions of a visit.
 *
 * `cpuNsPerTurn` is that of the middle group of a batch over its turns, wherever a batch is nothing but turns, and of the whole batch
 * where they replace registrations or pollers. Where other work stands between them (traffic, cold caches) each turn is bracketed by
 * readings of the CPU clock, and as many readings with nothing in between are taken off: the difference of two batches, with and
 * without the wait, would drown a turn of 0.5 us in the scatter of messages that take 7 us each, and epoll's ready list would differ
 * between the two. `cpuNsPerCycle` comes from a batch without brackets; `messageNsPerEvent`, what sending and reading one message takes
 * between such turns, from the one with them: the difference of the two batches would drown it, too; behind a turn that slept it is
 * reading alone, as another process sends. `wallNsPerTurn` is the time of the batch over its turns, whatever stands between them.
 */
export class TurnWorkload implements Workload<TurnConditions> {
  readonly #means: () => Means;
  /** A visit goes on where it was, from round to round. */
  readonly #progress = new WeakMap<TurnVisit, Progress>();

  constructor(means: () => Means) {
    this.#means = means;
  }

  withScene<T>(pool: Pool, visit: TurnVisit, _series: readonly TurnSeries[], use: (scene: Scene) => T): T {
    const progress = this.#progress.get(visit) ?? new Progress();
    this.#progress.set(visit, progress);
    return withTurns(this.#means(), pool, visit, progress, use);
  }

  /** C takes over the memory of a poller whose registrations it replaces, and a fresh one stands beside no other. */
  sceneOfItsOwn(conditions: TurnConditions): boolean {
    return (conditions.churnPer100 ?? 0) > 0 || formOf(conditions) === 'fresh';
  }

  leadIn(conditions: TurnConditions, turns: number): number {
    return leadIn(turns, conditions);
  }

  fixedRepetitions(conditions: TurnConditions, sleptBatchMs: number): number | null {
    if (conditions.timeout === 'slept') return wakesIn(sleptBatchMs, conditions.wakesPerSecond);
    return formOf(conditions) === 'cold' ? COLD_TURNS : null;
  }

  secondCopyBatches(conditions: TurnConditions): number {
    return formOf(conditions) === 'consumed' ? BATCHES_OF_CYCLES : 1;
  }

  warmUpKey(conditions: TurnConditions): string {
    return `${formOf(conditions)} ${(conditions.churnPer100 ?? 0) > 0}`;
  }

  warmUp(pool: Pool, { poller, conditions, series }: TurnVisit): void {
    const means = { ...this.#means(), evictor: new Evictor(0) };
    const { highestFd: _, ...elsewhere } = conditions;
    const idle: TurnConditions = {
      ...elsewhere,
      ...{ watched: 1, ready: 0, position: 'none', timeout: 'zero', fileTable: means.fileTable },
    };
    const warm = (warming: TurnConditions, turns: number) => {
      for (const name of series)
        withTurns(means, pool, { poller, conditions: warming, series }, new Progress(), (scene) => {
          scene.run(name, leadIn(turns, warming));
          scene.measure(name, turns);
        });
    };
    // Optimised code is built from what was seen before: first all that happens, then often.
    if (formOf(conditions) === 'consumed' || triggerOf(means, poller) === 'level')
      for (let pass = 0; pass < FIRST_PASSES; pass++)
        warm({ ...idle, ready: 1, position: 'last' }, FIRST_TURNS);
    for (let pass = 0; pass < WARM_UP_PASSES; pass++) warm(idle, WARM_UP_TURNS);
  }
}

function triggerOf({ create }: Means, name: TurnVisit['poller']) {
  const poller = create(name);
  poller.close();
  return poller.capabilities.trigger;
}

/** Registers what these conditions say, makes ready what they say, and leaves the pool as it was. */
function withTurns<T>(
  means: Means,
  pool: Pool,
  visit: TurnVisit,
  progress: Progress,
  use: (scene: Scene) => T,
): T {
  const { sleeper } = means;
  const { conditions } = visit;
  const { watched, highestFd, timeout, fileTable } = conditions;
  if (fileTable === 'private' && means.fileTable === 'shared') throw new Error('the file table is shared');
  const shares = fileTable === 'shared' && means.fileTable === 'private';
  const first = highestFd === undefined ? 0 : placeAt(pool, highestFd, watched);
  const work = activeFds(pool, first, conditions, progress);
  const poller = means.create(visit.poller);
  const waiting = { means, visit, poller, work };
  const slept = timeout === 'slept';
  const form = formOf(conditions);
  const standing = !slept && form !== 'consumed';
  try {
    if (standing) send(work);
    if (slept) poller.register(sleeper.fd, READ);
    if (form !== 'fresh') registerAll(waiting, watched - (slept ? 1 : 0));
    if (form === 'consumed') send(work);
    makeRoom(poller);
    if (form === 'consumed') {
      drain(work);
      // What was reported while room was made is to be reported again.
      if (poller.capabilities.trigger === 'oneshot') for (const fd of work.fds) poller.modify(fd, READ);
    }
    const scene = sceneOf(waiting);
    return shares ? withSharedFileTable(() => use(scene)) : use(scene);
  } finally {
    poller.close();
    drain(work);
  }
}

function sceneOf(waiting: Waiting): Scene {
  const { conditions } = waiting.visit;
  return {
    run(series, turns) {
      const batch = batchOf(waiting, series, formOf(conditions));
      const before = threadCpuNs();
      batch(turns);
      return threadCpuNs() - before;
    },
    measure: (series, turns) =>
      conditions.timeout === 'slept' ? measureSlept(waiting, turns) : measureTurns(waiting, series, turns),
  };
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
function registerAll({ poller, work }: Waiting, count: number): void {
  for (const fd of work.fds.slice().sort().subarray(0, count)) poller.register(fd, READ);
}

/** A poller that grows its room for events whenever a wait filled it has enough once the waits are alike. */
function makeRoom(poller: Poller): void {
  for (let before = 0, ready = poller.wait(0); ready !== before; ready = poller.wait(0)) before = ready;
}

function measureTurns(waiting: Waiting, series: TurnSeries, turns: number): Measured {
  const { visit, work, poller } = waiting;
  const form = formOf(visit.conditions);
  // What one turn leaves behind another one may have to clear away: such turns are a mean.
  const areAlike = form === 'kept' && work.churnPer100 === 0;
  const groups = areAlike ? inGroups(turns) : { groups: 1, size: turns };
  const { cpuNs, wallNs, ready } = measureBatch(batchOf(waiting, series, form), groups, waiting);
  const metrics: Record<string, number> = {
    cpuNsPerTurn: form === 'cold' ? turnNsOf(work, turns) : cpuNs,
    wallNsPerTurn: wallNs,
    readyPerTurn: ready,
  };
  if (form === 'consumed') {
    const fewer = Math.max(Math.ceil(turns / 2), Math.min(turns, LEAST_BRACKETED));
    const { turnNs, besideNs } = measureBracketed(waiting, series, fewer);
    metrics.cpuNsPerCycle = cpuNs;
    metrics.cpuNsPerTurn = turnNs;
    if (series === 'pollcost') metrics.messageNsPerEvent = besideNs / work.ready;
  }
  const made = groups.groups * groups.size;
  if (series !== 'pollcost') return { turns: made, metrics };
  if (form === 'fresh') registerAll(waiting, work.fds.length);
  metrics.fdsExamined = poller.fdsExamined;
  if (poller.native) metrics.scanNsPerTurn = measureScan(waiting, poller.native, turns);
  return { turns: made, metrics };
}

/** What a turn of a cycle takes, and what stands beside it: of the middle group each. */
function measureBracketed(waiting: Waiting, series: TurnSeries, turns: number) {
  const { work } = waiting;
  const batch = batchOf(waiting, series, 'bracketed');
  const turnNs: number[] = [];
  const besideNs: number[] = [];
  const recorded: Batch = (count) => {
    const before = threadCpuNs();
    const seen = batch(count);
    const cycleNs = (threadCpuNs() - before) / count;
    const waitNs = turnNsOf(work, count);
    turnNs.push(waitNs);
    besideNs.push(cycleNs - waitNs - READINGS_A_CYCLE * clockNs);
    return seen;
  };
  measureBatch(recorded, inGroups(turns), waiting);
  return { turnNs: middleOf(turnNs), besideNs: middleOf(besideNs) };
}

const turnNsOf = ({ turnNs }: ActiveFds, turns: number): number => (turnNs[0] as number) / turns;

function measureSlept({ means, poller, visit }: Waiting, wakes: number): Measured {
  const before = monotonicNs();
  const { turns, cpuNs, messageNs, ready } = means.sleeper.turns(
    poller,
    wakes,
    visit.conditions.wakesPerSecond,
  );
  const wallNs = monotonicNs() - before;
  return {
    turns,
    metrics: {
      cpuNsPerTurn: cpuNs / turns,
      messageNsPerEvent: messageNs / turns,
      wallNsPerTurn: wallNs / turns,
      readyPerTurn: ready / turns,
      fdsExamined: poller.fdsExamined,
    },
  };
}

/** The walk over the system call's answer alone, repeated on the answer of one real call. */
function measureScan({ means, visit, poller, work }: Waiting, native: NativeWait, turns: number): number {
  const { conditions } = visit;
  const { scans } = means.copies(visit.poller, 'pollcost');
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
