import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import type { BatchVisit, TurnSeries } from '../batch/protocol.js';
import { type Child, startPinger, startProbe } from '../control/parent.js';
import type { ProbeFacts, TurnConditions } from './protocol.js';

/** The probe as a process, on real sockets. */

const DEADLINE_MS = 60_000;
type Probe = ReturnType<typeof startProbe>;

async function withProbe(
  use: (probe: Probe, facts: ProbeFacts) => Promise<void>,
  twin = true,
): Promise<void> {
  const probe = startProbe();
  try {
    await use(probe, await probe.request('start', { cpu: null, fileTable: 'private', twin }, DEADLINE_MS));
  } finally {
    await probe.end();
  }
  assert.equal(existsSync(`/proc/${probe.pid}`), false);
}

const oneLast: TurnConditions = {
  watched: 10,
  ready: 1,
  position: 'last',
  timeout: 'zero',
  wakesPerSecond: 0,
  fileTable: 'private',
};
const POLLERS = ['select', 'select-wide', 'poll', 'epoll'] as const;

async function measure(probe: Probe, visits: readonly BatchVisit<TurnConditions>[]) {
  await probe.request('prepare', { visits, batchMs: 0.2, sleptBatchMs: 20 }, DEADLINE_MS);
  const steps = visits.map(({ series }, visit) => ({ visit, series }));
  return (await probe.request('round', { steps }, DEADLINE_MS)).samples;
}

const openFds = (pid: number): Map<number, string> =>
  new Map(readdirSync(`/proc/${pid}/fd`).map((fd) => [Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`)]));

test('the pool holds distinct sockets at consecutive numbers, peers out of the way of select', () =>
  withProbe(async (probe, { numbers }) => {
    const before = openFds(probe.pid);
    await probe.request('open', { socket: 'tcp', size: 50 }, DEADLINE_MS);
    const after = [...openFds(probe.pid)].filter(([fd]) => !before.has(fd));
    const watched = after.filter(([fd]) => fd < numbers.first + 50);
    assert.deepEqual(
      watched.map(([fd]) => fd).sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, index) => numbers.first + index),
    );
    assert.equal(after.length, 100);
    assert.equal(new Set(after.map(([, inode]) => inode)).size, 100);
    const lowestPeer = Math.min(...after.map(([fd]) => fd).filter((fd) => fd >= numbers.first + 50));
    assert.equal(lowestPeer, numbers.last + 1 - numbers.spare - 50);
  }));

test('every poller and its C twin see the ready fd in every turn, under every timeout', () =>
  withProbe(async (probe) => {
    await probe.request('open', { socket: 'tcp', size: 20 }, DEADLINE_MS);
    const conditions: TurnConditions[] = [
      oneLast,
      { ...oneLast, ready: 0, position: 'none' },
      { ...oneLast, timeout: 'finite' },
      { ...oneLast, timeout: 'infinite', position: 'first' },
    ];
    const series: TurnSeries[] = ['c-twin', 'pollcost', 'pollcost-again'];
    const visits = POLLERS.flatMap((poller) =>
      conditions.map((each) => ({ poller, conditions: each, series })),
    );
    const samples = await measure(probe, visits);
    assert.equal(samples.length, visits.length * 3);
    for (const { visit, series: name, turns, metrics } of samples) {
      const { poller, conditions: asked } = visits[visit] as BatchVisit<TurnConditions>;
      assert.equal(metrics.readyPerTurn, asked.ready, `${poller} ${name} ${asked.timeout}`);
      assert.ok((metrics.cpuNsPerTurn ?? 0) > 20 && turns >= 1);
      assert.ok((metrics.wallNsPerTurn ?? 0) > 20);
    }
    const examined = samples.filter((sample) => sample.visit % 4 === 0 && sample.series === 'pollcost');
    assert.deepEqual(
      examined.map(({ metrics }) => metrics.fdsExamined),
      [2, 2, 10, 1],
    );
  }));

test('one fd at a given number: below the pool, inside it and above it, back and forth', () =>
  withProbe(async (probe, { numbers }) => {
    await probe.request('open', { socket: 'tcp', size: 30 }, DEADLINE_MS);
    const visits = [40, numbers.last, 100, numbers.first, 200].map(
      (highestFd): BatchVisit<TurnConditions> => ({
        poller: 'select-wide',
        conditions: { ...oneLast, watched: 1, highestFd },
        series: ['pollcost'],
      }),
    );
    const samples = await measure(probe, visits);
    const words = visits.map(({ conditions }) => Math.ceil(((conditions.highestFd ?? 0) + 1) / 32));
    assert.deepEqual(
      samples.map(({ metrics }) => metrics.fdsExamined),
      words,
    );
  }));

test('slept turns are woken by another process, one fd at a time', () =>
  withProbe(async (probe) => {
    const { port } = await probe.request('listenForPinger', {}, DEADLINE_MS);
    const pinger: Child<object> = startPinger(port, null);
    await probe.request('acceptPinger', {}, DEADLINE_MS);
    await probe.request('open', { socket: 'tcp', size: 20 }, DEADLINE_MS);
    const conditions: TurnConditions = {
      ...oneLast,
      position: 'first',
      timeout: 'slept',
      wakesPerSecond: 500,
    };
    const samples = await measure(
      probe,
      POLLERS.map((poller) => ({ poller, conditions, series: ['pollcost'] })),
    );
    for (const { turns, metrics } of samples) {
      assert.ok(turns >= 1 && turns <= 10);
      assert.equal(metrics.readyPerTurn, 1);
      // 500 wake-ups a second are 2 ms a turn, of which it works some us: it slept in between.
      assert.ok((metrics.cpuNsPerTurn ?? 0) < 0.5 * (metrics.wallNsPerTurn ?? 0), 'it slept in between');
      assert.ok((metrics.messageNsPerEvent ?? 0) > 0, 'what woke it is read');
    }
    probe.kill();
    await pinger.end();
    assert.equal(existsSync(`/proc/${pinger.pid}`), false, 'the pinger ends with its probe');
  }));

test('the limits: what is accepted is reported, what is refused says why', () =>
  withProbe(async (probe, { numbers }) => {
    const ask = (poller: BatchVisit<TurnConditions>['poller'], fd: number | null) =>
      probe.request('limit', { poller, fd }, DEADLINE_MS);
    for (const poller of ['select', 'poll'] as const) {
      assert.deepEqual(await ask(poller, null), { accepted: true, reported: true, detail: '', errno: 0 });
    }
    const refused = await ask('epoll', null);
    assert.equal(refused.accepted, false);
    assert.match(refused.detail, /EPERM/);
    assert.equal(refused.errno, constants.errno.EPERM);
    if (numbers.last < 1024) return;
    assert.equal((await ask('select', 1023)).reported, true);
    const unasked = await ask('select', 1024);
    assert.match(unasked.detail, /fd 1024 is above the largest that fits, 1023/);
    assert.equal(unasked.errno, null, 'nobody asked the kernel');
    assert.equal((await ask('select-wide', numbers.last)).reported, true);
    const fds = openFds(probe.pid).size;
    for (let times = 0; times < 20; times++) await ask('poll', numbers.last);
    assert.equal(openFds(probe.pid).size, fds);
  }, false));

test('a visit that does not see what it should is an error, not a figure', () =>
  withProbe(async (probe) => {
    await probe.request('open', { socket: 'tcp', size: 5 }, DEADLINE_MS);
    const visit: BatchVisit<TurnConditions> = {
      poller: 'epoll-et',
      conditions: { ...oneLast, watched: 5 },
      series: ['pollcost'],
    };
    await assert.rejects(measure(probe, [visit]), /turns with 1 ready fds saw 0 of them/);
    const tooMany: BatchVisit<TurnConditions> = {
      poller: 'poll',
      conditions: { ...oneLast, watched: 6 },
      series: ['pollcost'],
    };
    await assert.rejects(measure(probe, [tooMany]), /the pool holds 5 sockets; 6 were asked for/);
    const good: BatchVisit<TurnConditions> = {
      poller: 'poll',
      conditions: { ...oneLast, watched: 5 },
      series: ['pollcost'],
    };
    assert.equal((await measure(probe, [good]))[0]?.metrics.readyPerTurn, 1, 'and the pool is as it was');
  }, false));

test('a shared file table is shared with a thread that sleeps, as long as its visit and no longer', () =>
  withProbe(async (probe) => {
    await probe.request('open', { socket: 'unix', size: 400 }, DEADLINE_MS);
    const conditions: TurnConditions = { ...oneLast, watched: 400, ready: 0, position: 'none' };
    const threads = () => readdirSync(`/proc/${probe.pid}/task`).length;
    const before = threads();
    const visits = (['private', 'shared'] as const).map(
      (fileTable): BatchVisit<TurnConditions> => ({
        poller: 'poll',
        conditions: { ...conditions, fileTable },
        series: ['pollcost'],
      }),
    );
    await probe.request('prepare', { visits, batchMs: 300, sleptBatchMs: 20 }, DEADLINE_MS);
    /** How many threads there were at most while the visit was measured. */
    const mostDuring = async (visit: number): Promise<number> => {
      let most = 0;
      let isOver = false;
      const round = probe
        .request('round', { steps: [{ visit, series: ['pollcost'] }] }, DEADLINE_MS)
        .finally(() => {
          isOver = true;
        });
      while (!isOver) {
        most = Math.max(most, threads());
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await round;
      return most;
    };
    assert.deepEqual(
      [await mostDuring(0), await mostDuring(1), await mostDuring(0)],
      [before, before + 1, before],
    );
    assert.equal(threads(), before);
  }));

test('visits leave no fd behind', () =>
  withProbe(async (probe) => {
    await probe.request('open', { socket: 'unix', size: 20 }, DEADLINE_MS);
    const visits = POLLERS.map(
      (poller): BatchVisit<TurnConditions> => ({
        poller,
        conditions: oneLast,
        series: ['pollcost', 'c-twin'],
      }),
    );
    await measure(probe, visits);
    const before = openFds(probe.pid).size;
    for (let times = 0; times < 5; times++) await measure(probe, visits);
    assert.equal(openFds(probe.pid).size, before);
  }));
