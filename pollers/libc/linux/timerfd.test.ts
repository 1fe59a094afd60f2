import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { allocate } from '../memory.js';
import { POLLIN, pollCall } from '../polling.js';
import { monotonicNs } from './clock.js';
import { close } from './files.js';
import { createTimerfd, setTimerfd } from './timerfd.js';

const fd = createTimerfd();
after(() => close(fd));

const pollfd = allocate(8);
new Int32Array(pollfd.buffer)[0] = fd;
new Int16Array(pollfd.buffer)[2] = POLLIN;

const isDueWithin = (ms: number): boolean => pollCall(pollfd.address, 1, ms) === 1;

test('a timer is due at its time, not before, and stays due', () => {
  const time = monotonicNs() + 20e6;
  setTimerfd(fd, time);
  assert.equal(isDueWithin(0), false);
  assert.ok(isDueWithin(5000));
  assert.ok(monotonicNs() >= time);
  assert.ok(isDueWithin(0));
});

test('a time that has passed is due at once, and so is the beginning of time', () => {
  for (const time of [monotonicNs() - 1e9, 0]) {
    setTimerfd(fd, time);
    assert.ok(isDueWithin(5000));
  }
});

test('setting it anew forgets that it was due, and so does unsetting it', () => {
  for (const next of [monotonicNs() + 3600e9, null]) {
    setTimerfd(fd, 1);
    assert.ok(isDueWithin(5000));
    setTimerfd(fd, next);
    assert.equal(isDueWithin(0), false);
  }
});
