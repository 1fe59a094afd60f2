import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { POLLFD_BYTES, TIMEVAL_BYTES } from '../layout.js';
import { allocate } from '../memory.js';
import { POLLIN, POLLNVAL, POLLOUT, pollCall, selectCall } from '../polling.js';
import { monotonicNs } from './clock.js';
import { close, eventfd, pipe } from './files.js';
import { EPOLL_DATA_OFFSET, EPOLL_EVENT_BYTES } from './layout.js';
import { createEpoll, EPOLL_CTL_ADD, epollCtlCall, epollWaitCall } from './polling.js';

/** What the calls leave beyond their memory, if the sizes are right. */
const GUARD = 0xa5;

const opened: number[] = [];
const own = (fd: number): number => {
  opened.push(fd);
  return fd;
};
after(() => opened.forEach(close));

test('epoll_event: two events come back in one answer, each with its own 64 bits of data', () => {
  const epfd = own(createEpoll());
  const event = allocate(EPOLL_EVENT_BYTES);
  const view = new DataView(event.buffer);
  const sent = [0x0123456789abcdefn, 0xfedcba9876543210n];
  for (const data of sent) {
    view.setUint32(0, POLLOUT, true);
    view.setBigUint64(EPOLL_DATA_OFFSET, data, true);
    assert.equal(epollCtlCall(epfd, EPOLL_CTL_ADD, own(eventfd()), event.address), 0);
  }
  const room = 4;
  const answer = allocate(room * EPOLL_EVENT_BYTES);
  const bytes = new Uint8Array(answer.buffer).fill(GUARD);
  assert.equal(epollWaitCall(epfd, answer.address, room, 0), 2);
  const got = new DataView(answer.buffer);
  const events = [0, EPOLL_EVENT_BYTES];
  assert.deepEqual(
    events.map((at) => got.getUint32(at, true)),
    [POLLOUT, POLLOUT],
  );
  assert.deepEqual(
    new Set(events.map((at) => got.getBigUint64(at + EPOLL_DATA_OFFSET, true))),
    new Set(sent),
  );
  assert.ok(bytes.subarray(2 * EPOLL_EVENT_BYTES).every((byte) => byte === GUARD));
});

test('pollfd: the answer of each slot stands beside its question', () => {
  const [readEnd, writeEnd] = pipe().map(own) as [number, number];
  const closed = eventfd();
  close(closed);
  const slots = [
    [readEnd, POLLIN, 0],
    [writeEnd, POLLOUT, POLLOUT],
    [-1, POLLIN, 0],
    [closed, POLLIN, POLLNVAL],
  ] as const;
  const memory = allocate((slots.length + 1) * POLLFD_BYTES);
  const view = new DataView(memory.buffer);
  new Uint8Array(memory.buffer).fill(GUARD);
  slots.forEach(([fd, events], slot) => {
    view.setInt32(slot * POLLFD_BYTES, fd, true);
    view.setInt16(slot * POLLFD_BYTES + 4, events, true);
  });
  assert.equal(pollCall(memory.address, slots.length, 0), 2);
  slots.forEach(([fd, events, revents], slot) => {
    assert.equal(view.getInt32(slot * POLLFD_BYTES, true), fd);
    assert.equal(view.getInt16(slot * POLLFD_BYTES + 4, true), events);
    assert.equal(view.getInt16(slot * POLLFD_BYTES + 6, true), revents);
  });
  assert.ok(new Uint8Array(memory.buffer, slots.length * POLLFD_BYTES).every((byte) => byte === GUARD));
});

test('timeval: two longs, which select reads, and leaves alone or overwrites with what is left', () => {
  const memory = allocate(TIMEVAL_BYTES * 2);
  new Uint8Array(memory.buffer).fill(GUARD);
  const words = new BigInt64Array(memory.buffer, 0, 2);
  words.set([0n, 2000n]);
  const startNs = monotonicNs();
  assert.equal(selectCall(0, 0, 0, 0, memory.address), 0);
  assert.ok(monotonicNs() - startNs >= 2e6, 'it slept for the time that stands there');
  // glibc hands the kernel's answer on; musl keeps it, and so may any library (select(2)).
  assert.ok([0n, 2000n].includes(words[1] as bigint) && words[0] === 0n, String(words));
  assert.ok(new Uint8Array(memory.buffer, TIMEVAL_BYTES).every((byte) => byte === GUARD));
});

test('fd_set: bit n of the little-endian words is fd n', () => {
  const fd = own(eventfd());
  const set = allocate(128);
  const bytes = new Uint8Array(set.buffer);
  bytes[fd >> 3] = 1 << (fd & 7);
  const timeval = allocate(TIMEVAL_BYTES);
  assert.equal(selectCall(fd + 1, 0, set.address, 0, timeval.address), 1);
  assert.equal(bytes[fd >> 3], 1 << (fd & 7));
  assert.equal(selectCall(fd + 1, set.address, 0, 0, timeval.address), 0);
  assert.ok(bytes.every((byte) => byte === 0));
});
