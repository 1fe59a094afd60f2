import { Bench } from 'tinybench';
import { monotonicNs, threadCpuNs } from '../../../pollers/libc/clock.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { Poller } from '../../../pollers/poller.js';
import { middleOf } from '../batch/middle.js';
import type { ModuleCopies } from '../batch/module-copies.js';
import type { BatchVisit, TurnSeries } from '../batch/protocol.js';
import type { FileTable } from '../control/messages.js';
import { type ActiveFds, drain } from './active-fds.js';
import type { Evictor } from './evictor.js';
import { type TurnConditions, USUAL_CONDITIONS } from './protocol.js';
import type { Sleeper } from './sleeper.js';
import type { Twin, TwinForm } from './twin.js';

/** The code that is measured, one copy for each poller and series. */
export type TurnsModule = typeof import('./turns.js');

/** The means of one process: what its turns are made with, and the C twin where there is one. */
export interface Means {
  readonly sleeper: Sleeper;
  readonly evictor: Evictor;
  readonly twin: Twin | null;
  /** How the process was started; visits under a shared table share a private one for their time. */
  readonly fileTable: FileTable;
  readonly create: (name: PollerName) => Poller;
  readonly copies: ModuleCopies<TurnsModule>;
}

/** What the turns of one visit wait with, and on what. */
export interface Waiting {
  readonly means: Means;
  readonly visit: BatchVisit<TurnConditions>;
  readonly poller: Poller;
  readonly work: ActiveFds;
}

/** A finite timeout that is never reached: something is ready. */
const FINITE_MS = 1000;
export const TIMEOUTS_MS = { zero: 0, finite: FINITE_MS, infinite: null, slept: null } as const;

/** What is done around the turns of these conditions. @throws RangeError for two unusual things at once */
export function formOf(conditions: TurnConditions): Exclude<TwinForm, 'bracketed'> {
  const { temperature, life, instance } = { ...USUAL_CONDITIONS, ...conditions };
  const forms = [
    ...(temperature === 'cold' ? (['cold'] as const) : []),
    ...(instance === 'fresh' ? (['fresh'] as const) : []),
    ...(life === 'standing' ? [] : (['consumed'] as const)),
  ];
  if (forms.length > 1) throw new RangeError(`turns cannot be ${forms.join(' and ')} at once`);
  return forms[0] ?? 'kept';
}

/** Makes so many turns; returns how many ready fds were seen in all. */
export type Batch = (turns: number) => number;

export function batchOf({ means, visit, poller, work }: Waiting, series: TurnSeries, form: TwinForm): Batch {
  const timeoutMs = TIMEOUTS_MS[visit.conditions.timeout];
  if (series === 'c-twin') {
    const { twin } = means;
    if (!twin) throw new Error('the C twin was not built');
    const { native } = poller;
    if (!native) throw new Error(`${poller.name} does not say how C could make its wait`);
    const evicting = form === 'cold' ? means.evictor.memory : null;
    return twin.batch(form, native.call(), timeoutMs ?? -1, work, evicting);
  }
  const module = means.copies(visit.poller, series);
  switch (form) {
    case 'kept':
      if (work.churnPer100 === 0) return (count) => module.turns(poller, timeoutMs, count);
      return (count) => module.churnedTurns(poller, timeoutMs, count, work);
    case 'fresh': {
      const create = () => means.create(visit.poller);
      return (count) => module.freshTurns(create, timeoutMs, count, work);
    }
    case 'consumed':
      return (count) => module.cycles(poller, timeoutMs, count, work);
    case 'bracketed':
      return (count) => module.bracketedCycles(poller, timeoutMs, count, work);
    case 'cold':
      return (count) => module.coldTurns(poller, timeoutMs, count, work, means.evictor);
  }
}

/** Turns before the measured ones, whose caches and branches still belong to the previous cell. */
export function leadIn(turns: number, conditions: TurnConditions): number {
  if (conditions.timeout === 'slept') return 0;
  const tenth = Math.ceil(turns / 10);
  switch (formOf(conditions)) {
    case 'cold':
      return 0;
    case 'consumed':
      // A cycle among many ready fds may last longer than a batch has to.
      return Math.max(tenth, Math.min(turns, 3));
    default:
      return Math.max(tenth, conditions.watched > 4000 ? 10 : 3);
  }
}

/** Network code may hand a few messages over a turn late when the machine is busy; more than this is another workload. */
const MOST_LATE = 0.01;

/** Turns that are timed apart: so many groups of `size` each. */
export interface Groups {
  readonly groups: number;
  readonly size: number;
}

/**
 * A batch is timed in groups, of which the middle one counts: what the host takes from one of them, a few milliseconds now and then,
 * is more than a batch lasts, and readings of the speed before and behind it do not see it.
 */
const GROUPS = 5;

/** These turns, or a few more, in an odd number of groups. */
export function inGroups(turns: number): Groups {
  const size = Math.ceil(turns / GROUPS);
  const whole = Math.ceil(turns / size);
  return { groups: whole % 2 === 0 ? whole + 1 : whole, size };
}

/**
 * Per turn; CPU time of the middle one of the groups. Throws when the turns did not see what they should: an unready fd measures
 * another thing.
 */
export function measureBatch(batch: Batch, { groups, size }: Groups, { work, visit }: Waiting) {
  const turns = groups * size;
  const consumed = formOf(visit.conditions) === 'consumed';
  let wallNs = 0;
  let seen = 0;
  // tinybench takes one timestamp around each call, which would cost more than a turn: a task is a whole batch, and says
  // itself how long a turn took and how long the batch.
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, retainSamples: true, throws: true });
  bench.add(
    'turn',
    () => {
      const spentNs: number[] = [];
      const wallBefore = monotonicNs();
      for (let made = 0; made < groups; made++) {
        const before = threadCpuNs();
        seen += batch(size);
        spentNs.push(threadCpuNs() - before);
      }
      wallNs = monotonicNs() - wallBefore;
      const middleNs = middleOf(spentNs);
      return {
        overriddenDuration: middleNs / size / 1e6,
        overriddenIterationCost: (middleNs * groups) / 1e6,
      };
    },
    { async: false },
  );
  const [task] = bench.runSync();
  if (task?.result.state !== 'completed') throw new Error(`a batch of turns ended as ${task?.result.state}`);
  if (consumed) drain(work);
  const missed = Math.abs(seen - turns * work.ready);
  // Also where a poller has counted something that is no number.
  if (!(missed <= (consumed ? MOST_LATE * turns * work.ready : 0))) {
    throw new Error(`${turns} turns with ${work.ready} ready fds saw ${seen} of them`);
  }
  return { cpuNs: task.result.latency.p50 * 1e6, wallNs: wallNs / turns, ready: seen / turns };
}
