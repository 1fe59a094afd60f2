import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_LATE_OF_THOUSANDS } from '../claims/needs.js';
import type { TurnOfPoller } from '../processes/server/protocol.js';
import type { Spent } from './live-server.js';
import {
  closedMetrics,
  isLate,
  metricsOfTurns,
  openMetrics,
  type WindowLoad,
  type WindowMetrics,
} from './server-windows.js';

const latencyUs = { p50: 80, p90: 90, p99: 100, p999: 110, max: 120 };
const spent = (cpuMs: number, seconds: number): Spent => ({
  cpuNs: cpuMs * 1e6,
  runQueueWaitNs: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
  seconds,
  work: { turns: 1000, sleptTurns: 10, events: 4000, fdsExamined: 4000, syscalls: 9000 },
});

test('a server that cannot keep up serves what it answers within the window, not what it was offered', () => {
  const report = {
    intended: 100_000,
    answered: 100_000,
    answeredInTime: 39_103,
    unanswered: 0,
    wrong: 0,
    lost: 0,
    lateBeats: 0,
    latencyUs,
    cpuNs: 9e8,
    seconds: 1,
  };
  const metrics = openMetrics(spent(2600, 2.6), report);
  assert.equal(metrics.requestsPerSecond, 39_103);
  // Its CPU time is that of all answers, and so is what one of them costs.
  assert.equal(metrics.cpuUsPerRequest, 26);
  assert.equal(metrics.cpuShare, 1);
});

test('the share of the CPU of one thread does not pass 1: it closes connections after the last answer', () => {
  const report = { requests: 4000, errors: 0, seconds: 0.1, latencyUs, cpuNs: 9e7 };
  const metrics = closedMetrics(spent(101, 0.15), report);
  assert.equal(metrics.cpuShare, 1);
  assert.equal(metrics.requestsPerSecond, 40_000);
  assert.ok(Math.abs((metrics.turnsPerSecond ?? 0) - 1000 / 0.101) < 1e-6);
  assert.ok(Math.abs((closedMetrics(spent(30, 0.15), report).cpuShare ?? 0) - 0.3) < 1e-9);
});

test('a poller that took turns has the rate and the share of its own turns, its middle cost, and no figure without requests', () => {
  const cpuNsPerEvent = [29_000, 30_000, 80_000];
  const spent = { cpuNs: 3e6, ns: 2e7, turns: 250, sleptTurns: 400, events: 100, cpuNsPerEvent };
  const { cpuUsPerRequest = 0, ...others } = metricsOfTurns([spent])[0] as WindowMetrics;
  assert.ok(Math.abs(cpuUsPerRequest - 30) < 1e-9);
  assert.deepEqual(others, {
    cpuShare: 0.15,
    requestsPerSecond: 5000,
    turnsPerSecond: 12_500,
    sleptTurnsPerSecond: 12_500,
    eventsPerTurn: 0.4,
  });
  assert.deepEqual(metricsOfTurns([{ ...spent, events: 0, cpuNsPerEvent: [] }]), [{}]);
  assert.deepEqual(metricsOfTurns([]), []);
});

test('what the ways of a window differ by is no difference of the pollers that share them, and a burst on some is none either', () => {
  const ways = [30_000, 31_000, 44_000, 30_500, 52_000, 30_200, 33_000];
  const turnsOf = (costs: readonly number[]): TurnOfPoller => ({
    ...{ cpuNs: 3e6, ns: 2e7, turns: 250, sleptTurns: 250, events: 100 },
    cpuNsPerEvent: costs,
  });
  const dearer = ways.map((ns, way) => ns * 1.03 * (way === 1 || way === 3 ? 1.5 : 1));
  const [epoll, select] = metricsOfTurns([ways, dearer].map(turnsOf));
  const ratio = (select?.cpuUsPerRequest ?? 0) / (epoll?.cpuUsPerRequest ?? 0);
  assert.ok(Math.abs(ratio - 1.03) < 1e-9, `${ratio}`);
});

test('a window is late at the share at which the rule of thousands leaves it out, where it is one of theirs', () => {
  const window = (ms: number): WindowLoad => ({
    ...{ load: 'open', beating: 100, ratePerSecond: 2000, phase: 'spread', ms },
  });
  const lateFrom = (ms: number, shares: readonly number[]) =>
    shares.map((lateBeats) => isLate(window(ms), { lateBeats }));
  const shares = [MOST_LATE_OF_THOUSANDS, MOST_LATE_OF_THOUSANDS + 1e-6, 0.01, 0.010001];
  assert.deepEqual(lateFrom(1000, shares), [false, true, true, true]);
  assert.deepEqual(lateFrom(80, shares), [false, false, false, true]);
  assert.equal(isLate({ load: 'closed', active: 1, ms: 2000 }, {}), false);
});
