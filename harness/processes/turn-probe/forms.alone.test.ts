import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { BatchVisit, TurnSeries } from '../batch/protocol.js';
import type { SocketKind } from '../control/messages.js';
import { startProbe } from '../control/parent.js';
import { Evictor } from './evictor.js';
import type { ProbeFacts, TurnConditions } from './protocol.js';

/** Turns with churn, traffic, fresh pollers and cold caches, in the probe as a process. */

const DEADLINE_MS = 60_000;
const POOL = 120;
const POLLERS = ['busy', 'select', 'select-wide', 'poll', 'epoll'] as const;
const SERIES: readonly TurnSeries[] = ['c-twin', 'pollcost', 'pollcost-again'];
type Probe = ReturnType<typeof startProbe>;

async function withProbe(
  use: (probe: Probe, facts: ProbeFacts) => Promise<void>,
  socket: SocketKind = 'unix',
) {
  const probe = startProbe();
  try {
    const facts = await probe.request('start', { cpu: null, fileTable: 'private', twin: true }, DEADLINE_MS);
    assert.ok(facts.twin.ok);
    await probe.request('open', { socket, size: POOL }, DEADLINE_MS);
    await use(probe, facts);
  } finally {
    await probe.end();
  }
}

const idle: TurnConditions = {
  watched: POOL,
  ready: 0,
  position: 'none',
  timeout: 'zero',
  wakesPerSecond: 0,
  fileTable: 'private',
};

async function measure(
  probe: Probe,
  visits: readonly BatchVisit<TurnConditions>[],
  turns?: readonly number[],
) {
  const ask = { visits, batchMs: 0.2, sleptBatchMs: 20, repetitions: turns };
  const prepared = await probe.request('prepare', ask, DEADLINE_MS);
  const steps = visits.map(({ series }, visit) => ({ visit, series }));
  const { samples } = await probe.request('round', { steps }, DEADLINE_MS);
  return { samples, turns: prepared.repetitions };
}

const everywhere = (
  conditions: readonly TurnConditions[],
  pollers: readonly BatchVisit<TurnConditions>['poller'][] = POLLERS,
) =>
  pollers.flatMap((poller) =>
    conditions.map((each): BatchVisit<TurnConditions> => ({ poller, conditions: each, series: SERIES })),
  );

for (const socket of ['unix', 'tcp', 'eventfd'] as const) {
  test(`consumed, ${socket}: every poller and its C twin see in each turn what was sent for it, and leave nothing`, () =>
    withProbe(async (probe) => {
      const conditions = (['consumed-same', 'consumed-rotating'] as const).flatMap((life) => [
        { ...idle, life, ready: 1, position: 'last' as const },
        { ...idle, life, ready: 12, position: 'even' as const, timeout: 'finite' as const, churnPer100: 100 },
        { ...idle, life, ready: POOL, position: 'even' as const },
      ]);
      const visits = everywhere(conditions, [...POLLERS, 'epoll-et', 'epoll-oneshot', 'io_uring']);
      const { samples } = await measure(probe, visits);
      assert.equal(samples.length, visits.length * SERIES.length);
      for (const { visit, series, metrics } of samples) {
        const { poller, conditions: asked } = visits[visit] as BatchVisit<TurnConditions>;
        const what = `${poller} ${series} ${asked.life} ${asked.ready}`;
        // On a busy machine the network's own thread may hand a message over one turn late.
        assert.ok(Math.abs((metrics.readyPerTurn ?? 0) - asked.ready) <= 0.01 * asked.ready, what);
        assert.ok((metrics.cpuNsPerCycle ?? 0) > 0 && Number.isFinite(metrics.cpuNsPerTurn), what);
        assert.equal(Number.isFinite(metrics.messageNsPerEvent), series === 'pollcost', what);
        if (series === 'pollcost') assert.ok((metrics.fdsExamined ?? 0) > 0, what);
      }
      // A byte that was left behind would be seen as a ready fd, which is an error here.
      await measure(probe, everywhere([idle]));
    }, socket));
}

test('churn: whichever side replaces registrations, all of them stay', () =>
  withProbe(async (probe) => {
    const conditions: TurnConditions[] = [
      { ...idle, churnPer100: 100 },
      { ...idle, churnPer100: 100, ready: 1, position: 'last', timeout: 'finite' },
      // All are ready, so the replaced ones are among them and would be missed.
      { ...idle, churnPer100: 100, ready: POOL, position: 'even' },
      { ...idle, churnPer100: 1, watched: 1, ready: 1, position: 'last' },
    ];
    const visits = everywhere(conditions);
    const { samples } = await measure(probe, visits);
    for (const { visit, metrics } of samples)
      assert.equal(metrics.readyPerTurn, visits[visit]?.conditions.ready);
  }));

test('fresh: every turn has its own poller, sees what is ready, and leaves no fd open', () =>
  withProbe(async (probe) => {
    const conditions: TurnConditions[] = [
      { ...idle, instance: 'fresh', watched: 10 },
      { ...idle, instance: 'fresh', watched: 10, ready: 1, position: 'last', timeout: 'finite' },
      { ...idle, instance: 'fresh', watched: 60, ready: 60, position: 'even' },
    ];
    const visits = everywhere(conditions);
    const openFds = () => readdirSync(`/proc/${probe.pid}/fd`).length;
    await measure(probe, visits);
    const before = openFds();
    const { samples } = await measure(probe, visits);
    assert.equal(openFds(), before);
    for (const { visit, metrics } of samples)
      assert.equal(metrics.readyPerTurn, visits[visit]?.conditions.ready);
  }));

test('cold: the caches are emptied before each of a few turns', () =>
  withProbe(async (probe) => {
    const conditions: TurnConditions[] = [
      { ...idle, temperature: 'cold', watched: 10, ready: 1, position: 'last' },
    ];
    const { samples } = await measure(probe, everywhere(conditions, ['poll', 'epoll']));
    for (const { turns, metrics } of samples) {
      assert.equal(turns, 3);
      assert.equal(metrics.readyPerTurn, 1);
      assert.ok(
        (metrics.wallNsPerTurn ?? 0) > 2 * (metrics.cpuNsPerTurn ?? 0),
        'emptying is no part of the turn',
      );
    }
  }));

test('what is evicted is memory of its own, every page of it', () => {
  const evictor = new Evictor(2 ** 20);
  evictor.evict();
  assert.equal(evictor.memory.buffer.byteLength, 2 ** 20);
  assert.equal(evictor.sum, 2 ** 20 / 64, 'each line was touched, and none of it is the page of zeroes');
});

test('turns that another probe has found are taken over', () =>
  withProbe(async (probe) => {
    const visits = everywhere(
      [
        { ...idle, watched: 5 },
        { ...idle, watched: 5, temperature: 'cold' },
      ],
      ['poll'],
    );
    const { turns, samples } = await measure(probe, visits, [75, 2]);
    assert.deepEqual(turns, [75, 2]);
    assert.deepEqual(new Set(samples.map((sample) => sample.turns)), new Set([75, 2]));
  }));

test('two unusual things at once are refused', () =>
  withProbe(async (probe) => {
    const both: TurnConditions = { ...idle, temperature: 'cold', instance: 'fresh' };
    await assert.rejects(
      measure(probe, everywhere([both], ['poll'])),
      /turns cannot be cold and fresh at once/,
    );
  }));
