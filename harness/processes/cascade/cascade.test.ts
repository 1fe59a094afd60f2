import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { type PollerName, pollerNames } from '../../../pollers/manifest.js';
import type { BatchSample } from '../batch/protocol.js';
import { startCascade } from '../control/parent.js';
import type { ChainConditions } from './protocol.js';

/** The subject as a process, on real sockets. */

const DEADLINE_MS = 60_000;
type Cascade = ReturnType<typeof startCascade>;

async function withCascade(pairs: number, use: (cascade: Cascade) => Promise<void>): Promise<void> {
  const cascade = startCascade();
  try {
    await cascade.request('start', { cpu: null }, DEADLINE_MS);
    await cascade.request('open', { socket: 'unix', size: pairs }, DEADLINE_MS);
    await use(cascade);
  } finally {
    await cascade.end();
  }
  assert.equal(existsSync(`/proc/${cascade.pid}`), false);
}

/** One sample of each of two copies of the code, for every poller. */
async function measure(
  cascade: Cascade,
  pollers: readonly PollerName[],
  conditions: ChainConditions,
): Promise<{ samples: readonly BatchSample[]; repetitions: readonly number[] }> {
  const series = ['pollcost', 'pollcost-again'] as const;
  const visits = pollers.map((poller) => ({ poller, conditions, series }));
  const { repetitions } = await cascade.request(
    'prepare',
    { visits, batchMs: 0.1, sleptBatchMs: 1 },
    DEADLINE_MS,
  );
  const steps = visits.map((_, visit) => ({ visit, series }));
  return { ...(await cascade.request('round', { steps }, DEADLINE_MS)), repetitions };
}

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
      const { samples, repetitions } = await measure(cascade, pollerNames, conditions);
      assert.equal(samples.length, pollerNames.length * 2);
      for (const sample of samples) {
        const chains = repetitions[sample.visit] ?? 0;
        assert.equal(eventsOf(sample), chains * (active + writes), pollerNames[sample.visit]);
        const { cpuNsPerEvent = 0, wallUsPerChain = 0 } = sample.metrics;
        assert.ok(cpuNsPerEvent > 0 && wallUsPerChain > 0);
      }
    }));
}

test('one active pair makes as many turns as it has events, on every poller', () =>
  withCascade(30, async (cascade) => {
    const conditions = { pairs: 30, active: 1, writes: 50 };
    const { samples, repetitions } = await measure(cascade, pollerNames, conditions);
    for (const { visit, turns } of samples) assert.equal(turns, (repetitions[visit] ?? 0) * 51);
  }));

test('chains whose pairs are registered anew are timed one by one', () =>
  withCascade(30, async (cascade) => {
    for (const poller of pollerNames) {
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
