import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { type PollerName, pollersHere } from '../../../pollers/manifest.js';
import type { BatchProtocol } from '../batch/protocol.js';
import { measure as measureBatches, withSubject } from '../batch/testing/with-subject.js';
import { type Child, startChurn } from '../control/parent.js';
import type { ChurnConditions } from './protocol.js';

/** The subject as a process, on real connections. */

type Churn = ReturnType<typeof startChurn>;

const withChurn = (pairs: number, use: (churn: Churn) => Promise<void>) =>
  withSubject<ChurnConditions, Churn>(startChurn, 'tcp', pairs, use);

const measure = (churn: Churn, pollers: readonly PollerName[], watched: number) =>
  measureBatches<ChurnConditions>(churn as Child<BatchProtocol<ChurnConditions>>, pollers, { watched }, 0.3);

test('a life has three turns, and each of its bytes arrives, on every poller, level and edge', () =>
  withChurn(21, async (churn) => {
    for (const watched of [0, 20]) {
      const { samples, repetitions } = await measure(churn, pollersHere, watched);
      assert.equal(samples.length, pollersHere.length * 2);
      for (const { visit, turns, metrics } of samples) {
        const { cpuNsPerRegistration = 0, cpuNsPerConnectionLife = 0 } = metrics;
        // One more wherever the kernel took a moment to hand a connection over.
        assert.ok(turns >= 3 * (repetitions[visit] ?? Number.NaN), pollersHere[visit]);
        assert.ok(cpuNsPerRegistration > 0, 'a registration costs something');
        assert.ok(cpuNsPerConnectionLife > cpuNsPerRegistration, 'and is a part of a life');
      }
    }
  }));

test('lives leave no fd behind', () =>
  withChurn(11, async (churn) => {
    const openFds = () => readdirSync(`/proc/${churn.pid}/fd`).length;
    await measure(churn, pollersHere, 10);
    const before = openFds();
    await measure(churn, pollersHere, 10);
    assert.equal(openFds(), before);
  }));

test('more watched fds than there are pairs are an error, not a figure', () =>
  withChurn(10, async (churn) => {
    await assert.rejects(measure(churn, ['poll'], 10), /churn: the pool holds 10 sockets; 11 were asked for/);
    assert.equal((await measure(churn, ['poll'], 9)).samples.length, 2);
  }));
