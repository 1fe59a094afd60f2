import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areAtFullSpeed, type FullSpeed, fullSpeedOf, LEAST_READINGS, type Speed } from './full-speed.js';
import { randomFrom } from './random.js';

/** Readings at planted levels, each with its share and a scatter of 2 %. */
function readingsAt(levels: readonly { ns: number; share: number }[], count = 2000): number[] {
  const random = randomFrom(7);
  return levels.flatMap(({ ns, share }) =>
    Array.from({ length: Math.round(count * share) }, () => ns * (0.98 + 0.04 * random())),
  );
}

/** A batch alone. */
const isAtFullSpeed = (speed: Speed, full: FullSpeed) => areAtFullSpeed([speed], full)[0];

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
    for (const ns of [4.3, 5.4, 22]) assert.ok(!isAtFullSpeed(both(ns), full), `${ns}`);
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
      { ns: 2.3, share: 0.3 },
      { ns: 3.2, share: 0.7 },
    ]),
  );
  assert.ok(full && Math.abs(full.ns / 2.3 - 1) < 0.03);
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

test('a batch around which the speed comes and goes is at none, whatever was read beside it; a stretch and an interrupt are', () => {
  const full = fullSpeedOf(readingsAt([{ ns: 3.2, share: 1 }])) as FullSpeed;
  const calm = Array.from({ length: 9 }, () => both(3.2));
  assert.deepEqual(
    areAtFullSpeed(calm, full),
    calm.map(() => true),
  );
  // Beside one batch: that one only.
  const hit = calm.map((speed, at) => (at === 4 ? both(7) : speed));
  assert.deepEqual(
    areAtFullSpeed(hit, full),
    calm.map((_, at) => at !== 4),
  );
  // A neighbour that comes and goes within batches: every other reading.
  const flickering = calm.map(({ before }, at) => (at % 2 === 0 ? { before, after: 7 } : both(3.2)));
  assert.deepEqual(
    areAtFullSpeed(flickering, full),
    calm.map(() => false),
  );
  // What is next to a stretch at another speed is at full speed to its end.
  const stretches = [...calm, ...Array.from({ length: 6 }, () => both(5.4)), ...calm];
  assert.deepEqual(
    areAtFullSpeed(stretches, full),
    stretches.map(({ before }) => before < 4),
  );
});

test('a batch beside which nothing was read is taken as it is', () => {
  const full = fullSpeedOf(readingsAt([{ ns: 3.2, share: 1 }])) as FullSpeed;
  assert.deepEqual(areAtFullSpeed([undefined, both(7), undefined], full), [true, false, true]);
});

test('few readings tell no full speed, and none that is not greater than 0 is taken', () => {
  assert.equal(fullSpeedOf([]), null);
  assert.equal(fullSpeedOf(new Array(LEAST_READINGS - 1).fill(3)), null);
  assert.equal(fullSpeedOf(new Array(LEAST_READINGS).fill(3))?.ns, 3);
  assert.throws(() => fullSpeedOf([3, 0]), RangeError);
  assert.throws(() => fullSpeedOf([3, Number.NaN]), RangeError);
});
