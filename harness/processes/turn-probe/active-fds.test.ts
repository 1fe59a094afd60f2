import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { close, read } from '../../../pollers/libc/linux/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { PollPoller } from '../../../pollers/poll.js';
import { type Interest, READ } from '../../../pollers/poller.js';
import { Pool } from '../batch/pool.js';
import { firstOwnFd } from '../file-table.js';
import { type ActiveFds, activeFds, activeOrder, drain, Progress, UNREAD } from './active-fds.js';
import type { TurnConditions } from './protocol.js';
import { churnedTurns, cycles, freshTurns } from './turns.js';

/** What surrounds a turn, on real sockets. */

const WATCHED = 12;
const pool = new Pool('unix', WATCHED, { first: firstOwnFd(), last: 200, spare: 1, mostPairs: WATCHED });
const inbox = allocate(8);
after(() => {
  for (let index = 0; index < WATCHED; index++)
    for (const fd of [pool.fd(index), pool.peer(index)]) close(fd);
});

/** Remembers what was reported, turn by turn, and what was registered again. */
class Recorder extends PollPoller {
  readonly reported: number[][] = [];
  readonly replaced: number[] = [];

  override wait(timeoutMs: number | null): number {
    const ready = super.wait(timeoutMs);
    this.reported.push([...this.readyFds.subarray(0, ready)].sort((a, b) => a - b));
    return ready;
  }
  override unregister(fd: number): void {
    super.unregister(fd);
    this.replaced.push(fd);
  }
}

function watching(conditions: Partial<TurnConditions>): { poller: Recorder; work: ActiveFds } {
  const asked = { watched: WATCHED, ready: 1, position: 'last', timeout: 'zero', ...conditions } as const;
  const work = activeFds(pool, 0, { ...asked, wakesPerSecond: 0, fileTable: 'shared' }, new Progress());
  const poller = new Recorder();
  for (const fd of work.fds) poller.register(fd, READ);
  return { poller, work };
}

const unread = (): number[] =>
  [...Array(WATCHED).keys()].filter((i) => read(pool.fd(i), inbox.address, 1) > 0);

test('ready fds are spread evenly with the last one among them, and take turns until all have been ready', () => {
  for (const [watched, ready] of [
    [10, 1],
    [10, 5],
    [100, 10],
    [1000, 500],
    [1000, 1],
    [7, 3],
    [6, 6],
  ] as const) {
    const order = activeOrder(watched, ready, ready === 1 ? 'last' : 'even');
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...Array(watched).keys()],
      'each once',
    );
    const first = order.slice(0, ready).sort((a, b) => a - b);
    assert.equal(first.at(-1), watched - 1);
    const gaps = first.map((index, at) => index - (first[at - 1] ?? -1));
    assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1, `${ready} of ${watched}: gaps ${gaps}`);
  }
  assert.equal(activeOrder(10, 1, 'first')[0], 0);
  assert.throws(() => activeOrder(3, 4, 'even'), /4 of 3 watched fds cannot be ready/);
});

test('few turns of a rotating set already meet low and high positions alike', () => {
  const order = activeOrder(1000, 1, 'last').slice(0, 20);
  const tenths = new Set(order.map((index) => Math.floor(index / 100)));
  assert.equal(tenths.size, 10);
});

test('cycles: each turn sees those whose peers have just sent, every byte is read, all come round', () => {
  const { poller, work } = watching({ ready: 3, position: 'even', life: 'consumed-rotating' });
  assert.equal(cycles(poller, 0, 8, work), 24);
  assert.equal(work.progress[UNREAD], 0);
  assert.deepEqual(unread(), []);
  const first = poller.reported.slice(0, 4);
  assert.deepEqual(
    first[0],
    [3, 7, 11].map((index) => pool.fd(index)),
  );
  assert.equal(new Set(first.flat()).size, WATCHED);
  assert.deepEqual(poller.reported.slice(4), first, 'and round again');
});

test('cycles that keep their set report the same fds in every turn', () => {
  const { poller, work } = watching({ ready: 2, position: 'even', life: 'consumed-same' });
  assert.equal(cycles(poller, 0, 5, work), 10);
  assert.equal(new Set(poller.reported.map(String)).size, 1);
  assert.deepEqual(unread(), []);
});

test('what was sent and not read is drained', () => {
  const { poller, work } = watching({ ready: 4, position: 'even', life: 'consumed-same' });
  const deaf = Object.assign(poller, { wait: () => 0 });
  assert.equal(cycles(deaf, 0, 2, work), 0);
  assert.equal(work.progress[UNREAD], 8);
  drain(work);
  assert.equal(work.progress[UNREAD], 0);
  assert.deepEqual(unread(), []);
});

test('churn replaces idle registrations in turn, as many as asked for, and keeps the registered set', () => {
  const { poller, work } = watching({ ready: 3, position: 'even', churnPer100: 50 });
  churnedTurns(poller, 0, 36, work);
  assert.equal(poller.replaced.length, 18);
  const ready = new Set([...work.fds.subarray(0, 3)]);
  assert.equal(new Set(poller.replaced.slice(0, 9)).size, 9, 'each idle one once');
  assert.ok(poller.replaced.every((fd) => !ready.has(fd)));
  assert.equal(poller.size, WATCHED);
  assert.ok([...work.fds].every((fd) => poller.interestOf(fd) === READ));
});

test('churn among cycles spares those that are ready in the turn; where all are, it replaces them', () => {
  const { poller, work } = watching({
    ready: 3,
    position: 'even',
    life: 'consumed-rotating',
    churnPer100: 100,
  });
  assert.equal(cycles(poller, 0, 20, work), 60);
  for (const [turn, fd] of poller.replaced.entries()) assert.ok(!poller.reported[turn]?.includes(fd));
  const all = watching({ watched: 1, ready: 1, churnPer100: 100 });
  churnedTurns(all.poller, 0, 5, all.work);
  assert.deepEqual(new Set(all.poller.replaced), new Set([pool.fd(0)]));
});

test('a churn of 1 in 100 comes once in 100 turns, however they are cut into batches', () => {
  const { poller, work } = watching({ churnPer100: 1, ready: 0, position: 'none' });
  for (let batch = 0; batch < 20; batch++) churnedTurns(poller, 0, 15, work);
  assert.equal(poller.replaced.length, 3);
});

test('fresh turns make, fill and close one poller each', () => {
  const { work } = watching({ ready: 0, position: 'none' });
  const made: { registered: [number, Interest][]; closed: number }[] = [];
  class Counted extends PollPoller {
    readonly life = { registered: [] as [number, Interest][], closed: 0 };
    constructor() {
      super();
      made.push(this.life);
    }
    override register(fd: number, interest: Interest): void {
      super.register(fd, interest);
      this.life.registered.push([fd, interest]);
    }
    override close(): void {
      super.close();
      this.life.closed++;
    }
  }
  freshTurns(() => new Counted(), 0, 4, work);
  const whole = { registered: [...work.fds].map((fd) => [fd, READ]), closed: 1 };
  assert.deepEqual(made, [whole, whole, whole, whole]);
});
