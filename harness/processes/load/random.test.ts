import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom, shuffle } from './random.js';

test('seeds that are close, negative or larger than 32 bits give different numbers', () => {
  const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  assert.equal(new Set(seeds.map((seed) => randomFrom(seed)())).size, seeds.length);
});

test('numbers are uniform in [0, 1), and consecutive ones independent', () => {
  const random = randomFrom(1);
  const cells = new Array<number>(100).fill(0);
  let before = random();
  for (let drawn = 0; drawn < 100_000; drawn++) {
    const now = random();
    assert.ok(now >= 0 && now < 1);
    const cell = Math.floor(before * 10) * 10 + Math.floor(now * 10);
    cells[cell] = (cells[cell] ?? Number.NaN) + 1;
    before = now;
  }
  // Chi-square with 99 degrees of freedom: 148 is its 99.9th percentile.
  const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chiSquare < 148, `chi-square ${chiSquare}`);
});

test('each item is equally likely anywhere', () => {
  const random = randomFrom(2);
  const counts = new Array<number>(16).fill(0);
  for (let made = 0; made < 16_000; made++) {
    for (const [at, item] of shuffle(Int32Array.of(0, 1, 2, 3), random).entries()) {
      counts[at * 4 + item] = (counts[at * 4 + item] ?? Number.NaN) + 1;
    }
  }
  // 4 000 each with a standard deviation of 55
  for (const count of counts) assert.ok(Math.abs(count - 4000) < 4.5 * 55, `${counts}`);
});
