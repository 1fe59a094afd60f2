import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READ } from '../../pollers/poller.js';
import { PeriodicCallback } from './periodic-callback.js';
import { fakeLoop, ignore } from './testing/fake-loop.js';

test('L26 beats that a long callback missed are left out, and the phase is kept', () => {
  const { loop, clock } = fakeLoop();
  const durations = [9, 9, 10, 11, 20, 20, 35, 35, 0, 0];
  const calls: number[] = [];
  const periodic = new PeriodicCallback(loop, 10, () => {
    calls.push(clock.now());
    const duration = durations.shift();
    if (duration === undefined) loop.stop();
    else clock.advance(duration);
  });
  periodic.start();
  loop.start();
  assert.deepEqual(calls, [1010, 1020, 1030, 1050, 1070, 1100, 1130, 1170, 1210, 1220, 1230]);
});

test('L26 a repeating timer can be stopped and started, also by itself, and survives an error', () => {
  const reports: string[] = [];
  const { loop, clock } = fakeLoop({ onError: ({ source, error }) => reports.push(`${source}: ${error}`) });
  const calls: number[] = [];
  const periodic = new PeriodicCallback(loop, 10, () => {
    calls.push(clock.now());
    if (calls.length === 1) throw 'defect';
    if (calls.length === 3) {
      periodic.stop();
      assert.equal(periodic.isRunning, false);
      loop.callLater(5, () => {
        periodic.start();
        periodic.start();
      });
    }
    if (calls.length === 5) {
      periodic.stop();
      periodic.start();
    }
    if (calls.length === 6) {
      periodic.stop();
      loop.callLater(100, () => loop.stop());
    }
  });
  periodic.start();
  loop.start();
  assert.deepEqual(calls, [1010, 1020, 1030, 1045, 1055, 1065]);
  assert.deepEqual(reports, ['timer: defect']);
  for (const periodMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => new PeriodicCallback(loop, periodMs, ignore), RangeError);
  }
});

test('L27 a repeating timer that is late by two periods runs once', () => {
  const { loop, poller, clock } = fakeLoop();
  const calls: number[] = [];
  const periodic = new PeriodicCallback(loop, 10, () => {
    calls.push(clock.now());
    if (calls.length === 3) loop.stop();
  });
  periodic.start();
  loop.addHandler(7, () => clock.advance(25), READ);
  poller.plan({ afterMs: 10, ready: [[7, READ]] });
  loop.start();
  assert.deepEqual(calls, [1035, 1040, 1050]);
});
