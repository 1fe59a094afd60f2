import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PollerName, pollersHere } from '../../../pollers/manifest.js';
import type { BatchProtocol, BatchSample } from '../batch/protocol.js';
import { DEADLINE_MS, measure as measureBatches, withSubject } from '../batch/testing/with-subject.js';
import { type Child, startCascade } from '../control/parent.js';
import type { ChainConditions } from './protocol.js';

/** The subject as a process, on real sockets. */

type Cascade = ReturnType<typeof startCascade>;

const withCascade = (pairs: number, use: (cascade: Cascade) => Promise<void>) =>
  withSubject<ChainConditions, Cascade>(startCascade, 'unix', pairs, use);

const measure = (cascade: Cascade, pollers: readonly PollerName[], conditions: ChainConditions) =>
  measureBatches<ChainConditions>(cascade as Child<BatchProtocol<ChainConditions>>, pollers, conditions, 0.1);

const eventsOf = ({ turns, metrics }: BatchSample): number =>
  Math.round(turns * (metrics.eventsPerTurn ?? 0));

// Whether a byte is missing or one too many, the subject says so instead of answering: see `Chains`.
for (const conditions of [
  { pairs: 30, active: 1, writes: 100 },
  { pairs: 30, active: 7, writes: 100 },
  { pairs: 30, active: 30, writes: 95 },
  // More are ready at once than epoll's first buffer holds.
  { pairs: 200, active: 200, writes: 301 },
  { pairs: 1, active: 1, writes: 5 },
  { pairs: 5, active: 5, writes: 0 },
]) {
  const { pairs, active, writes } = conditions;
  test(`every byte of ${active} active of ${pairs} pairs and ${writes} writes is read, on every poller`, () =>
    withCascade(200, async (cascade) => {
      const { samples, repetitions } = await measure(cascade, pollersHere, conditions);
      assert.equal(samples.length, pollersHere.length * 2);
      for (const sample of samples) {
        const chains = repetitions[sample.visit] ?? 0;
        assert.equal(eventsOf(sample), chains * (active + writes), pollersHere[sample.visit]);
        const { cpuNsPerEvent = 0, wallUsPerChain = 0 } = sample.metrics;
        assert.ok(cpuNsPerEvent > 0 && wallUsPerChain > 0);
      }
    }));
}

test('chains by completion read every byte, and take fewer system calls for an event than readiness does', () =>
  withCascade(200, async (cascade) => {
    for (const conditions of [
      { pairs: 30, active: 1, writes: 100 },
      { pairs: 200, active: 200, writes: 301 },
      { pairs: 5, active: 5, writes: 0 },
      { pairs: 1, active: 1, writes: 5 },
    ]) {
      const series = ['completion', 'pollcost'] as const;
      const ask = { visits: [{ poller: 'io_uring', conditions, series }], batchMs: 0.3, sleptBatchMs: 1 };
      const { repetitions } = await cascade.request('prepare', ask, DEADLINE_MS);
      const { samples } = await cascade.request('round', { steps: [{ visit: 0, series }] }, DEADLINE_MS);
      assert.equal(samples.length, 2);
      for (const sample of samples)
        assert.equal(eventsOf(sample), (repetitions[0] ?? 0) * (conditions.active + conditions.writes));
      const [completion = 9, readiness = 0] = samples.map(({ metrics }) => metrics.syscallsPerEvent);
      assert.ok(completion < readiness, `${completion} and ${readiness} with ${conditions.active} active`);
      // A wait, a read, and mostly a write: for each event where one is active.
      if (conditions.active === 1) assert.ok(completion <= 2.2 && readiness >= 2.8);
    }
  }));

test('one active pair makes as many turns as it has events, on every poller', () =>
  withCascade(30, async (cascade) => {
    const conditions = { pairs: 30, active: 1, writes: 50 };
    const { samples, repetitions } = await measure(cascade, pollersHere, conditions);
    for (const { visit, turns } of samples) assert.equal(turns, (repetitions[visit] ?? 0) * 51);
  }));

test('chains whose pairs are registered anew are timed one by one', () =>
  withCascade(30, async (cascade) => {
    for (const poller of pollersHere) {
      const ask = { poller, conditions: { pairs: 30, active: 3, writes: 50 }, count: 4 };
      const { cpuNs, wallNs } = await cascade.request('chains', ask, DEADLINE_MS);
      for (const times of [cpuNs, wallNs]) {
        assert.equal(times.length, 4);
        assert.ok(
          times.every((ns) => ns > 1000),
          `${poller}: ${times}`,
        );
      }
    }
  }));

test('a poller that cannot take the fds refuses, and the others go on', () =>
  withCascade(1100, async (cascade) => {
    const conditions = { pairs: 1100, active: 1, writes: 10 };
    await assert.rejects(measure(cascade, ['select'], conditions), /cascade: select: fd 1024 is above/);
    assert.equal((await measure(cascade, ['epoll'], conditions)).samples.length, 2);
    await assert.rejects(
      measure(cascade, ['poll'], { ...conditions, pairs: 1101 }),
      /the pool holds 1100 sockets; 1101 were asked for/,
    );
  }));
