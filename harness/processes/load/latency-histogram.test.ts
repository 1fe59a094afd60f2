import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyHistogram } from './latency-histogram.js';

test('percentiles are those of the recorded latencies, in us, to three digits', () => {
  const latencies = new LatencyHistogram();
  // 1 us to 10 ms, the largest first.
  for (let us = 10_000; us >= 1; us--) latencies.record(us * 1000);
  const summary = latencies.summary();
  assert.equal(latencies.count, 10_000);
  const expected = { p50: 5000, p90: 9000, p99: 9900, p999: 9990, max: 10_000 };
  for (const [name, us] of Object.entries(expected)) {
    const got = summary[name as keyof typeof expected];
    assert.ok(Math.abs(got / us - 1) < 0.001, `${name}: ${got} instead of ${us}`);
  }
});

test('fractions of a us and tens of seconds are told apart from 0', () => {
  const latencies = new LatencyHistogram();
  latencies.record(250.4);
  latencies.record(30e9);
  const { p50, max } = latencies.summary();
  assert.equal(p50, 0.25);
  assert.equal(max, 30e6);
});

test('nothing recorded is all 0', () => {
  assert.deepEqual(new LatencyHistogram().summary(), { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
});
