import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from './libc/polling.js';
import { ERROR, type Interest, READ, WRITE } from './poller.js';
import { eventsOf, readinessOf } from './readiness.js';

const BOTH = READ | WRITE;
const POLLPRI = 2;
const EPOLLRDHUP = 0x2000;

test('interest becomes the bits to ask for', () => {
  assert.equal(eventsOf(READ), POLLIN);
  assert.equal(eventsOf(WRITE), POLLOUT);
  assert.equal(eventsOf(BOTH as Interest), POLLIN | POLLOUT);
});

/** [what the kernel says, readiness under interest READ, WRITE and both]; the situations are those of the catalogue. */
const table: readonly [situation: string, bits: number, read: number, write: number, both: number][] = [
  ['data pending', POLLIN, READ, ERROR, READ],
  ['room to write', POLLOUT, ERROR, WRITE, WRITE],
  ['data and room', POLLIN | POLLOUT, READ, WRITE, BOTH],
  ['half-closed by the peer', POLLIN | POLLOUT | EPOLLRDHUP, READ, WRITE, BOTH],
  ['reset', POLLIN | POLLOUT | POLLERR | POLLHUP, READ | ERROR, WRITE | ERROR, BOTH | ERROR],
  ['after the reset was read', POLLIN | POLLOUT | POLLHUP, READ, WRITE, BOTH],
  ['never connected', POLLOUT | POLLHUP, READ, WRITE, BOTH],
  ['pipe without writer', POLLHUP, READ, ERROR, READ],
  ['pipe without writer, with data', POLLIN | POLLHUP, READ, ERROR, READ],
  ['pipe without reader', POLLOUT | POLLERR, READ | ERROR, WRITE | ERROR, BOTH | ERROR],
  ['an error alone', POLLERR, READ | ERROR, WRITE | ERROR, BOTH | ERROR],
  ['error and hang-up', POLLERR | POLLHUP, READ | ERROR, WRITE | ERROR, BOTH | ERROR],
  ['not open', POLLNVAL, ERROR, ERROR, ERROR],
  ['out-of-band data', POLLIN | POLLPRI, READ, ERROR, READ],
];

for (const [situation, bits, read, write, both] of table) {
  test(`readiness of an fd: ${situation}`, () => {
    assert.equal(readinessOf(bits, READ), read);
    assert.equal(readinessOf(bits, WRITE), write);
    assert.equal(readinessOf(bits, BOTH), both);
  });
}

test('whatever the kernel says is reported as something, and never as READ or WRITE that was not requested', () => {
  for (let bits = 1; bits < 64; bits++) {
    for (const interest of [READ, WRITE, BOTH]) {
      const readiness = readinessOf(bits, interest);
      assert.notEqual(readiness, 0, `bits ${bits}, interest ${interest}`);
      assert.equal(readiness & ~(interest | ERROR), 0, `bits ${bits}, interest ${interest}`);
    }
  }
});
