import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aroundZero, ticksOf } from './axis.js';

test('an axis around zero reaches as far each way as there is something, and is labelled on both sides', () => {
  const both = aroundZero('time', 'time', [-90_000, -300, 40, 1_500]);
  assert.deepEqual(both.domain, [-100_000, 2_000]);
  const ticks = ticksOf(both) ?? [];
  assert.ok(
    ticks.includes(0) && ticks.some((tick) => tick < 0) && ticks.some((tick) => tick > 0),
    String(ticks),
  );
  assert.deepEqual(
    ticks,
    [...ticks].sort((a, b) => a - b),
  );
  for (const tick of ticks) assert.ok(tick >= both.domain[0] && tick <= both.domain[1], String(tick));
  assert.deepEqual(aroundZero('time', 'time', [-50, -3]).domain, [-50, 0]);
  assert.deepEqual(aroundZero('time', 'time', [3, 50]).domain, [0, 50]);
});
