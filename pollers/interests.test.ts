import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interests } from './interests.js';
import { READ } from './poller.js';

test('a refusal names the poller, the fd, and what the reader may have done or can do', () => {
  const interests = new Interests('select', 1023);
  interests.add(7, READ);
  assert.throws(() => interests.add(7, READ), {
    code: 'ALREADY_REGISTERED',
    fd: 7,
    message: /^select: fd 7 is already registered.*closed without unregister\?$/,
  });
  assert.throws(() => interests.add(1024, READ), {
    code: 'FD_TOO_LARGE',
    fd: 1024,
    message: /fd 1024 is above the largest that fits, 1023/,
  });
  assert.throws(() => interests.remove(8), { code: 'NOT_REGISTERED', fd: 8, message: /fd 8/ });
  assert.throws(() => interests.replace(Number.NaN, READ), { code: 'NOT_REGISTERED', fd: Number.NaN });
});
