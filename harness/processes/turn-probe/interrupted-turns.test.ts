import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { threadCpuNs } from '../../../pollers/libc/clock.js';
import { close } from '../../../pollers/libc/files.js';
import { PollPoller } from '../../../pollers/poll.js';
import { Pool } from '../batch/pool.js';
import { firstOwnFd } from '../file-table.js';
import { inGroups, type Means } from './batches.js';
import type { TurnConditions } from './protocol.js';
import { TurnWorkload } from './turn-workload.js';
import * as module from './turns.js';

/** What the host takes from a thread looks like time of whatever it was at. */

const WATCHED = 4;
const TURNS = 40;
const STALL_NS = 20e6;
const pool = new Pool('unix', WATCHED, { first: firstOwnFd(), last: 200, spare: 1, mostPairs: WATCHED });
after(() => {
  for (let index = 0; index < WATCHED; index++)
    for (const fd of [pool.fd(index), pool.peer(index)]) close(fd);
});

/** One of its waits takes long, of the thread's own time: so many after it was made. */
class Interrupted extends PollPoller {
  waits = 0;
  readonly #at: number;

  constructor(at: number) {
    super();
    this.#at = at;
  }

  override wait(timeoutMs: number | null): number {
    if (++this.waits === this.#at) for (const until = threadCpuNs() + STALL_NS; threadCpuNs() < until; );
    return super.wait(timeoutMs);
  }
}

const standing: TurnConditions = {
  ...{ watched: WATCHED, ready: 1, position: 'last', timeout: 'zero', wakesPerSecond: 0 },
  fileTable: 'shared',
};
const consumed: TurnConditions = { ...standing, life: 'consumed-rotating' };

function measured(stallAt: number, conditions = consumed) {
  let poller = new Interrupted(stallAt);
  const create = () => {
    poller = new Interrupted(stallAt);
    return poller;
  };
  const means = { create, copies: () => module, fileTable: 'shared' } as unknown as Means;
  const visit = { poller: 'poll', conditions, series: ['pollcost'] } as const;
  const { metrics } = new TurnWorkload(() => means).withScene(pool, visit, visit.series, (scene) =>
    scene.measure('pollcost', TURNS),
  );
  return { metrics, waits: poller.waits };
}

test('a turn that the host interrupts does not move the figure of those that are bracketed', () => {
  const undisturbed = measured(0);
  const last = measured(undisturbed.waits - 2);
  const { cpuNsPerTurn = 0, cpuNsPerCycle = 0, messageNsPerEvent = 0 } = last.metrics;
  // As a mean over half as many turns it would be a millisecond.
  assert.ok(cpuNsPerTurn > 0 && cpuNsPerTurn < STALL_NS / TURNS / 4, `${cpuNsPerTurn} ns`);
  assert.ok(messageNsPerEvent > 0 && messageNsPerEvent < STALL_NS / TURNS / 4, `${messageNsPerEvent} ns`);
  assert.ok(cpuNsPerCycle > 0);
});

test('a turn that the host interrupts does not move the figure of turns that are all alike', () => {
  const { metrics } = measured(TURNS / 2, standing);
  assert.ok((metrics.wallNsPerTurn ?? 0) >= STALL_NS / TURNS, 'it was interrupted');
  assert.ok((metrics.cpuNsPerTurn ?? 0) > 0);
  assert.ok((metrics.cpuNsPerTurn ?? 0) < STALL_NS / TURNS / 4, `${metrics.cpuNsPerTurn} ns`);
});

test('turns that replace registrations are a mean: what one leaves behind another one may clear away', () => {
  const { metrics } = measured(TURNS / 2, { ...standing, churnPer100: 100 });
  assert.ok((metrics.cpuNsPerTurn ?? 0) >= STALL_NS / TURNS);
});

test('turns are timed in an odd number of groups, none of them in fewer groups than there can be', () => {
  for (let turns = 1; turns <= 100; turns++) {
    const { groups, size } = inGroups(turns);
    assert.equal(groups % 2, 1);
    assert.ok(groups <= 5 && groups * size >= turns && (groups - 2) * size < turns, `${turns}`);
  }
  assert.deepEqual([1, 2, 4, 40].map(inGroups), [
    { groups: 1, size: 1 },
    { groups: 3, size: 1 },
    { groups: 5, size: 1 },
    { groups: 5, size: 8 },
  ]);
});

test('in the batch of whole cycles it is told apart by the sentinel, not by the figure', () => {
  const { metrics } = measured(TURNS / 2);
  assert.ok((metrics.cpuNsPerCycle ?? 0) >= STALL_NS / TURNS);
  assert.ok((metrics.cpuNsPerTurn ?? 0) < STALL_NS / TURNS / 4);
});
