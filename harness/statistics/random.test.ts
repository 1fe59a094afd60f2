import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom, seedFrom, shuffled } from './random.js';

function draws(seed: number, count: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, random);
}

// Expected numbers from an independent implementation in Python.
test('a seed gives the same numbers for ever', () => {
  assert.deepEqual(
    draws(42, 3).map((x) => x * 2 ** 32),
    [2180834394, 1350328659, 1924803457],
  );
  assert.deepEqual(draws(7, 100), draws(7, 100));
});

test('seeds that are close, negative or larger than 32 bits give different numbers', () => {
  const firsts = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER].map(
    (seed) => draws(seed, 1)[0],
  );
  assert.equal(new Set(firsts).size, firsts.length);
});

test('numbers are uniform in [0, 1)', () => {
  const tenths = new Array<number>(10).fill(0);
  for (const x of draws(1, 100_000)) {
    const tenth = Math.floor(x * 10);
    tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
  }
  // 10 000 in each, standard deviation sqrt(100 000 * 0.1 * 0.9) = 95
  for (const count of tenths) assert.ok(Math.abs(count - 10_000) < 4 * 95, `${tenths}`);
});

test('consecutive numbers are independent', () => {
  const numbers = draws(3, 100_001);
  let products = 0;
  for (let i = 0; i < 100_000; i++)
    products += ((numbers[i] ?? 0) - 0.5) * ((numbers[i + 1] ?? 0) - 0.5) * 12;
  // a correlation of 0 with standard deviation 1 / sqrt(100 000) = 0.0032
  assert.ok(Math.abs(products / 100_000) < 0.0128, `${products / 100_000}`);
});

test('a seed that is no safe integer is refused', () => {
  for (const seed of [Number.NaN, 0.5, Infinity, 2 ** 53])
    assert.throws(() => randomFrom(seed), /safe integer/);
});

test('a seed made of parts is stable and tells boundaries, order and types apart', () => {
  assert.equal(seedFrom(42, 'watched-fds/epoll'), 2268873203);
  const seeds = [
    seedFrom('a', 'b'),
    seedFrom('ab'),
    seedFrom('b', 'a'),
    seedFrom('1'),
    seedFrom(1),
    seedFrom(),
  ];
  assert.equal(new Set(seeds).size, seeds.length);
  for (const seed of seeds) assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
});

test('shuffling keeps the items, leaves its argument alone and makes every order equally likely', () => {
  const items = Object.freeze(['a', 'b', 'c']);
  const random = randomFrom(5);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffled(items, random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  // 1 000 each, standard deviation sqrt(6 000 * 5/36) = 29
  for (const [order, count] of counts) assert.ok(Math.abs(count - 1000) < 4 * 29, `${order}: ${count}`);
  assert.deepEqual(shuffled([], random), []);
});
