import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Callback, CallbackQueue } from './callback-queue.js';

test('callbacks leave in the order in which they came, whatever is added and taken in between', () => {
  const queue = new CallbackQueue();
  const waiting: Callback[] = [];
  // Rises and falls, so that the ring grows while its beginning is anywhere.
  for (let step = 0; step < 2000; step++) {
    const adds = (step * 7) % 13 < 7 || waiting.length === 0;
    if (adds) {
      const callback = () => {};
      queue.add(callback);
      waiting.push(callback);
    } else {
      assert.equal(queue.take(), waiting.shift());
    }
    assert.equal(queue.size, waiting.length);
  }
  assert.ok(waiting.length > 32, 'it has grown twice');
  while (waiting.length > 0) assert.equal(queue.take(), waiting.shift());
  assert.equal(queue.size, 0);
});

test('nothing is left of what was cleared away', () => {
  const queue = new CallbackQueue();
  for (let left = 20; left > 0; left--) queue.add(() => assert.fail('it was cleared'));
  queue.clear();
  const callback = () => {};
  queue.add(callback);
  assert.equal(queue.size, 1);
  assert.equal(queue.take(), callback);
});
