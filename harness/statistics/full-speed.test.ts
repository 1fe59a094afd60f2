import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullSpeedOf, isAtFullSpeed, LEAST_READINGS } from './full-speed.js';
import { randomFrom } from './random.js';

/** Readings at planted levels, each with its share and a scatter of 2 %. */
function readingsAt(levels: readonly { ns: number; share: number }[], count = 2000): number[] {
  const random = randomFrom(7);
  return levels.flatMap(({ ns, share }) =>
    Array.from({ length: Math.round(count * share) }, () => ns * (0.98 + 0.04 * random())),
  );
}

const both = (ns: number) => ({ before: ns, after: ns });

test('of planted levels the fastest is full speed, however rare down to a twentieth, and the others are not', () => {
  for (const share of [0.9, 0.5, 0.23, 0.08]) {
    const full = fullSpeedOf(
      readingsAt([
        { ns: 3.2, share },
        { ns: 5.4, share: (1 - share) * 0.7 },
        { ns: 22, share: (1 - share) * 0.3 },
      ]),
    );
    assert.ok(full);
    assert.ok(Math.abs(full.ns / 3.2 - 1) < 0.03, `${full.ns}`);
    for (const ns of [3.14, 3.2, 3.26]) assert.ok(isAtFullSpeed(both(ns), full), `${ns}`);
    for (const ns of [3.9, 5.4, 22]) assert.ok(!isAtFullSpeed(both(ns), full), `${ns}`);
  }
});

test('a turbo that is seen for moments is no full speed, and nothing counts as measured at it', () => {
  const full = fullSpeedOf(
    readingsAt([
      { ns: 2.6, share: 0.03 },
      { ns: 3.2, share: 0.6 },
      { ns: 5.4, share: 0.37 },
    ]),
  );
  assert.ok(full);
  assert.ok(Math.abs(full.ns / 3.2 - 1) < 0.03, `${full.ns}`);
  assert.ok(!isAtFullSpeed(both(2.6), full));
  assert.ok(isAtFullSpeed(both(3.2), full));
});

test('a turbo that lasts is the full speed of the run', () => {
  const full = fullSpeedOf(
    readingsAt([
      { ns: 2.6, share: 0.3 },
      { ns: 3.2, share: 0.7 },
    ]),
  );
  assert.ok(full && Math.abs(full.ns / 2.6 - 1) < 0.03);
  assert.ok(!isAtFullSpeed(both(3.2), full));
});

test('a speed that changed during the batch is none', () => {
  const full = fullSpeedOf(readingsAt([{ ns: 3.2, share: 1 }]));
  assert.ok(full);
  assert.ok(!isAtFullSpeed({ before: 3.2, after: 5.4 }, full));
  assert.ok(!isAtFullSpeed({ before: 5.4, after: 3.2 }, full));
});

test('a window is at full speed where three in four of its readings are, wherever the slow ones lie', () => {
  const full = fullSpeedOf(readingsAt([{ ns: 3.2, share: 1 }]));
  assert.ok(full);
  const window = (...ns: number[]) => ({
    before: ns[0] as number,
    during: ns.slice(1, -1),
    after: ns.at(-1) as number,
  });
  assert.ok(isAtFullSpeed(window(3.2, 3.2, 3.2, 5.4), full));
  assert.ok(isAtFullSpeed(window(22, 3.2, 3.2, 3.2), full));
  assert.ok(!isAtFullSpeed(window(5.4, 3.2, 3.2, 5.4), full));
  assert.ok(!isAtFullSpeed(window(3.2, 5.4, 5.4, 3.2), full));
});

test('few readings tell no full speed, and none that is not greater than 0 is taken', () => {
  assert.equal(fullSpeedOf([]), null);
  assert.equal(fullSpeedOf(new Array(LEAST_READINGS - 1).fill(3)), null);
  assert.equal(fullSpeedOf(new Array(LEAST_READINGS).fill(3))?.ns, 3);
  assert.throws(() => fullSpeedOf([3, 0]), RangeError);
  assert.throws(() => fullSpeedOf([3, Number.NaN]), RangeError);
});
