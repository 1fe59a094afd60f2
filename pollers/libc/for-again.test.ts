import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EBADF, EINTR, ENOMEM, isForAgain } from './call.js';

test('a transfer is made again after a signal always, after ENOMEM a few times, and after nothing else', () => {
  assert.ok(isForAgain(EINTR, 1000));
  const tries = Array.from({ length: 20 }, (_, index) => isForAgain(ENOMEM, index + 1));
  assert.equal(tries.indexOf(false), 4, 'the fifth ENOMEM is a real one');
  assert.ok(tries.slice(4).every((again) => !again));
  for (const errno of [EAGAIN, EBADF]) assert.ok(!isForAgain(errno, 1));
});
