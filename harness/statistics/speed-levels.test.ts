import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from './random.js';
import { shareOneCore, speedLevelsOf } from './speed-levels.js';

const random = randomFrom(3);
/** So many readings that scatter by 4 % around a speed. */
const around = (ns: number, count: number) =>
  Array.from({ length: count }, () => ns * (0.96 + 0.08 * random()));

test('the speeds of a shared core are told apart, with how often each is seen', () => {
  const levels = speedLevelsOf([...around(5.8, 300), ...around(3.2, 600), ...around(22, 100)]);
  assert.deepEqual(
    levels.map(({ share }) => share),
    [0.6, 0.3, 0.1],
  );
  for (const [at, ns] of [3.2, 5.8, 22].entries())
    assert.ok(Math.abs((levels[at]?.ns ?? 0) / ns - 1) < 0.02, `${levels[at]?.ns} instead of ${ns}`);
});

test('one speed that scatters is one, and what is seen for a moment is none', () => {
  const wide = Array.from({ length: 400 }, () => 3.2 * (1 + 0.22 * random()));
  assert.equal(speedLevelsOf(wide).length, 1);
  const levels = speedLevelsOf([...around(3.2, 970), ...around(9, 30)]);
  assert.deepEqual(
    levels.map(({ share }) => share),
    [0.97],
  );
});

test('CPUs share a core where the sentinel is dearer while the other is kept busy, neighbours or not', () => {
  assert.equal(shareOneCore(around(3.2, 200), around(5.4, 200)), true);
  assert.equal(shareOneCore(around(3.2, 200), around(3.25, 200)), false);
  const disturbed = () => [...around(3.2, 80), ...around(5.6, 120)];
  assert.equal(shareOneCore(disturbed(), disturbed()), false);
  assert.equal(shareOneCore(disturbed(), around(5.6, 200)), true);
});
