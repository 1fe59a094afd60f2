import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_LATE_OF_THOUSANDS } from '../claims/needs.js';
import type { TurnsOfPoller, Way } from '../processes/server/protocol.js';
import type { SpeedReading } from '../processes/speeds/protocol.js';
import { readingsOf as readingsOfSpeed } from '../statistics/full-speed.js';
import type { Spent } from './live-server.js';
import {
  closedMetrics,
  fastestPart,
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

const WAY_NS = 1.8e7;
const READ_EVERY_NS = 1e7;
const SPENT: TurnsOfPoller = { cpuNs: 1e6, ns: 1e7, turns: 100, sleptTurns: 150, events: 40 };

/** Ways one behind the other, on which a request took each poller so many ns. */
const waysOf = (costs: readonly (readonly number[])[]): Way[] =>
  costs.map((ofPollers, at) => ({
    fromNs: at * WAY_NS,
    toNs: (at + 1) * WAY_NS,
    spent: ofPollers.map((ns) => ({ ...SPENT, cpuNs: ns * SPENT.events })),
  }));

test('a poller that took turns has the rate and the share of its own turns, its middle cost, and no figure without requests', () => {
  const ways = waysOf([[29_000], [30_000], [80_000]]);
  const { cpuUsPerRequest = 0, cpuShare = 0, ...others } = metricsOfTurns(ways)[0] as WindowMetrics;
  assert.ok(Math.abs(cpuUsPerRequest - 30) < 1e-9);
  assert.ok(Math.abs(cpuShare - (139_000 * 40) / 3e7) < 1e-9);
  const wanted = {
    ...{ requestsPerSecond: 4000, turnsPerSecond: 10_000, sleptTurnsPerSecond: 10_000 },
    eventsPerTurn: 0.4,
  };
  assert.deepEqual(others, wanted);
  const unasked = ways.map((way) => ({ ...way, spent: [{ ...SPENT, events: 0 }] }));
  assert.deepEqual(metricsOfTurns(unasked), [{}]);
  assert.deepEqual(metricsOfTurns([]), []);
});

test('what the ways of a window differ by is no difference of the pollers that share them, and a burst on some is none either', () => {
  const costs = [30_000, 31_000, 44_000, 30_500, 52_000, 30_200, 33_000];
  const dearer = costs.map((ns, way) => ns * 1.03 * (way === 1 || way === 3 ? 1.5 : 1));
  const [epoll, select] = metricsOfTurns(waysOf(costs.map((ns, way) => [ns, dearer[way] as number])));
  const ratio = (select?.cpuUsPerRequest ?? 0) / (epoll?.cpuUsPerRequest ?? 0);
  assert.ok(Math.abs(ratio - 1.03) < 1e-9, `${ratio}`);
});

/** Readings meanwhile, one or two within each way, at its speed. */
const readingsOf = (speeds: readonly number[]): SpeedReading[] =>
  Array.from({ length: (speeds.length * WAY_NS) / READ_EVERY_NS }, (_, at) => {
    const atNs = (at + 0.5) * READ_EVERY_NS;
    return { atNs, ns: speeds[Math.floor(atNs / WAY_NS)] as number };
  });

test('of a window in which the core had two speeds the ways at the faster one are a part by themselves', () => {
  const speeds = Array.from({ length: 24 }, (_, way) => (way >= 8 && way < 20 ? 5 : 3.1));
  // As dear as the core is slow.
  const ways = waysOf(speeds.map((ns) => [10_000 * ns, 10_300 * ns]));
  const part = fastestPart(ways, readingsOf(speeds));
  assert.ok(part !== null);
  const kept = part.ways.map((way) => speeds[ways.indexOf(way)]);
  assert.deepEqual(new Set(kept), new Set([3.1]));
  assert.ok(kept.length >= 10, 'all but those that a reading at the other speed is next to');
  const read = readingsOfSpeed(part.speed);
  assert.ok(read.filter((ns) => ns === 3.1).length >= 0.9 * read.length);
  assert.ok(read.length >= 1.8 * kept.length && read.length <= 2 * kept.length + 3, 'each of them once');
  const [epoll, select] = metricsOfTurns(part.ways);
  assert.ok(Math.abs((epoll?.cpuUsPerRequest ?? 0) - 31) < 1e-9);
  assert.ok(Math.abs((select?.cpuUsPerRequest ?? 0) - 31.93) < 1e-9);
  assert.ok((metricsOfTurns(ways)[0]?.cpuUsPerRequest ?? 0) > 35, 'the window is no such figure');
});

test('a window of one speed has no such part, nor one in which hardly a way is at the faster of two, or of which little was read', () => {
  const partOf = (speeds: readonly number[], readings = readingsOf(speeds)) =>
    fastestPart(waysOf(speeds.map(() => [30_000, 31_000])), readings);
  const steady = Array.from({ length: 24 }, () => 3.1);
  assert.equal(partOf(steady), null);
  assert.equal(partOf(steady.map((ns, way) => (way < 5 ? 5 : ns))), null, 'three in four are fast');
  assert.equal(partOf(steady.map((ns, way) => (way < 18 ? 5 : ns))), null, 'a quarter is');
  assert.notEqual(partOf(steady.map((ns, way) => (way < 14 ? 5 : ns))), null);
  const halves = steady.map((ns, way) => (way < 12 ? 5 : ns));
  assert.equal(partOf(halves, readingsOf(halves).slice(0, 30)), null);
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
