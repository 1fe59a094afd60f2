import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from './protocol.js';
import { type ScheduleRequest, scheduleOf } from './schedule.js';

const PHASES: readonly Phase[] = ['storm', 'spread', 'poisson'];
const request = (phase: Phase, changed: Partial<ScheduleRequest> = {}): ScheduleRequest => ({
  connections: 50,
  ratePerSecond: 500,
  phase,
  seed: 7,
  ms: 2000,
  ...changed,
});

const countsOf = (connections: Int32Array, among: number): number[] => {
  const counts = new Array<number>(among).fill(0);
  for (const number of connections) counts[number] = (counts[number] ?? Number.NaN) + 1;
  return counts;
};

for (const phase of PHASES) {
  test(`${phase}: the same seed schedules the same beats, another seed others`, () => {
    const first = scheduleOf(request(phase));
    assert.deepEqual(scheduleOf(request(phase)), first);
    assert.notDeepEqual(scheduleOf(request(phase, { seed: 8 })), first);
    assert.notDeepEqual(scheduleOf(request(phase, { seed: 7 + 2 ** 32 })), first);
  });

  test(`${phase}: times ascend, lie in the window, and belong to connections that there are`, () => {
    const { timesNs, connections } = scheduleOf(request(phase));
    assert.equal(timesNs.length, connections.length);
    for (const [beat, time] of timesNs.entries()) {
      assert.ok(time >= (timesNs[beat - 1] ?? 0) && time < 2e9, `beat ${beat} at ${time}`);
      assert.ok((connections[beat] as number) >= 0 && (connections[beat] as number) < 50);
    }
  });

  test(`${phase}: what makes no sense is refused`, () => {
    const senseless: Partial<ScheduleRequest>[] = [
      { connections: 0 },
      { connections: 1.5 },
      { ratePerSecond: 0 },
      { ratePerSecond: Number.NaN },
      { ms: 0 },
      { seed: 0.5 },
      { ratePerSecond: 1e9 },
    ];
    for (const changed of senseless)
      assert.throws(() => scheduleOf(request(phase, changed)), RangeError, JSON.stringify(changed));
  });
}

test('spread: beats are evenly apart, and every connection has one a period', () => {
  const { timesNs, connections } = scheduleOf(request('spread'));
  assert.equal(timesNs.length, 1000);
  for (const [beat, time] of timesNs.entries()) assert.equal(time, (beat + 0.5) * 2e6);
  for (let period = 0; period < 20; period++) {
    const { size } = new Set(connections.subarray(period * 50, (period + 1) * 50));
    assert.equal(size, 50);
  }
  const order = connections.subarray(0, 50);
  assert.notDeepEqual(order, order.toSorted());
});

test('storm: all connections beat at the same time, once a period', () => {
  const { timesNs, connections } = scheduleOf(request('storm'));
  assert.deepEqual(
    [...new Set(timesNs)],
    Array.from({ length: 20 }, (_, storm) => (storm + 0.5) * 100e6),
  );
  assert.deepEqual(countsOf(connections, 50), new Array(50).fill(20));
  assert.deepEqual(countsOf(connections.subarray(0, 50), 50), new Array(50).fill(1));
});

test('poisson: the mean rate is the one asked for, gaps are exponential, connections equally likely', () => {
  const { timesNs, connections } = scheduleOf(request('poisson', { ratePerSecond: 10_000, ms: 10_000 }));
  // 100 000 with a standard deviation of 316
  assert.ok(Math.abs(timesNs.length - 100_000) < 4 * 316, `${timesNs.length} beats`);
  const gaps = timesNs.map((time, beat) => time - (timesNs[beat - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.02, 'deviation and mean of the gaps are the same');
  // 2 000 each with a standard deviation of 44
  for (const count of countsOf(connections, 50)) assert.ok(Math.abs(count - 2000) < 5 * 44, `${count}`);
});

test('a window that is shorter than half a period has no storm', () => {
  assert.equal(scheduleOf(request('storm', { ms: 49 })).timesNs.length, 0);
  assert.equal(scheduleOf(request('storm', { ms: 51 })).timesNs.length, 50);
});
