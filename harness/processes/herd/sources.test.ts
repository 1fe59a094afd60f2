import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PER_SOURCE, SOURCES, sourceOf } from './sources.js';

const sources = (count: number, skipped = 0): (string | null)[] => [
  ...new Set(
    Array.from({ length: count }, (_, number) => sourceOf('127.0.0.1', number, PER_SOURCE, skipped)),
  ),
];

test('few connections have one source address, more have more, in order', () => {
  assert.deepEqual(sources(PER_SOURCE), ['127.0.0.1']);
  assert.deepEqual(sources(19_000), ['127.0.0.1', '127.0.0.2']);
  assert.deepEqual(sources(3 * PER_SOURCE + 1), ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']);
});

test('addresses whose ports ran short are passed over', () => {
  assert.deepEqual(sources(19_000, 5), ['127.0.0.6', '127.0.0.7']);
});

test('after the last address comes the first', () => {
  assert.equal(sourceOf('127.0.0.1', SOURCES - 1, 1, 0), '127.0.0.254');
  assert.equal(sourceOf('127.0.0.1', SOURCES, 1, 0), '127.0.0.1');
});

test('only who connects within this machine gets a source of it', () => {
  assert.equal(sourceOf('localhost', 0, 10, 0), '127.0.0.1');
  assert.equal(sourceOf('127.9.9.9', 10, 10, 0), '127.0.0.2');
  assert.equal(sourceOf('192.0.2.7', 10, 10, 0), null);
});
