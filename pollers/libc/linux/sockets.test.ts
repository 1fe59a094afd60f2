import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declare } from '../call.js';
import { allocate } from '../memory.js';
import { close } from './files.js';
import { receive, send, socketpair } from './sockets.js';

const setCancelType = declare<(type: number, before: number) => number>(
  'int pthread_setcanceltype(int, void *)',
);
const ASYNCHRONOUS = 1;

test('calls that may block cost no switch of the cancel type, in this thread too', () => {
  const before = allocate(8);
  assert.equal(setCancelType(ASYNCHRONOUS, before.address), 0);
  assert.equal(new Int32Array(before.buffer)[0], ASYNCHRONOUS);
  const [one, other] = socketpair();
  assert.equal(send(one, before.address, 4), 4);
  assert.equal(receive(other, before.address, 8), 4);
  close(one);
  close(other);
});
