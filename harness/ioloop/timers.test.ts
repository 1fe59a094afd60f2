import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../pollers/contract/workbench.js';
import { READ } from '../../pollers/poller.js';
import { fail, fakeLoop, ignore } from './testing/fake-loop.js';
import { onEveryPoller } from './testing/on-every-poller.js';
import { Timers } from './timers.js';

test('L21 timers fire by deadline', () => {
  const { loop, clock } = fakeLoop();
  const fired: [number, number][] = [];
  for (const delayMs of [30, 10, 20]) loop.callLater(delayMs, () => fired.push([delayMs, clock.now()]));
  loop.callLater(31, () => loop.stop());
  loop.start();
  assert.deepEqual(fired, [
    [10, 1010],
    [20, 1020],
    [30, 1030],
  ]);
});

test('L21 timers with one deadline fire in the order in which they were added', () => {
  const { loop } = fakeLoop();
  const fired: string[] = [];
  // Later deadlines first, so that the heap has to turn them round.
  for (const deadlineMs of [1030, 1020, 1010]) {
    for (let i = 0; i < 20; i++) loop.callAt(deadlineMs, () => fired.push(`${deadlineMs} ${i}`));
  }
  loop.callAt(1031, () => loop.stop());
  loop.start();
  const expected = [1010, 1020, 1030].flatMap((ms) => Array.from({ length: 20 }, (_, i) => `${ms} ${i}`));
  assert.deepEqual(fired, expected);
});

test('L21 due together, after a long handler, they keep that order', () => {
  const { loop, poller, clock } = fakeLoop();
  const fired: number[] = [];
  loop.addHandler(7, () => clock.advance(100), READ);
  for (const delayMs of [30, 10, 20, 10.5]) loop.callLater(delayMs, () => fired.push(delayMs));
  loop.callLater(50, () => loop.stop());
  poller.planReady([7, READ]);
  loop.start();
  assert.deepEqual(fired, [10, 10.5, 20, 30]);
  assert.equal(poller.waits.length, 1);
});

test('L21 the heap agrees with a sorted list, whatever is added, cancelled and fired', () => {
  const next = random(21);
  const timers = new Timers();
  const model: { deadlineMs: number; order: number; cancel: () => void }[] = [];
  const gone: { cancel: () => void }[] = [];
  const fired: number[] = [];
  const expected: number[] = [];
  for (let order = 0, nowMs = 0; order < 5000; order++) {
    const deadlineMs = nowMs + Math.floor(next() * 1000);
    const timeout = timers.add(deadlineMs, () => fired.push(order));
    model.push({ deadlineMs, order, cancel: () => timers.cancel(timeout) });
    // For some time hardly any, then more than are added.
    for (let left = order % 500 < 250 ? 0.2 : 1.5; next() < left; left--) {
      const [cancelled] = model.splice(Math.floor(next() * model.length), 1);
      if (cancelled) gone.push(cancelled);
      for (let i = 0; i < 3; i++) gone[Math.floor(next() * gone.length)]?.cancel();
      cancelled?.cancel();
    }
    if (next() < 0.1) {
      nowMs += Math.floor(next() * 20);
      model.sort((one, other) => one.deadlineMs - other.deadlineMs || one.order - other.order);
      while ((model[0]?.deadlineMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
        const due = model.shift();
        expected.push(due?.order ?? -1);
        if (due) gone.push(due);
      }
      timers.runDue(nowMs, (callback) => callback());
      assert.deepEqual(fired, expected);
    }
    assert.equal(timers.size, model.length);
  }
});

onEveryPoller('L22 no timer fires before its deadline', ({ loop }) => {
  const next = random(22);
  let left = 50;
  for (let i = 0; i < 50; i++) {
    const deadlineMs = loop.time() + next() * 40;
    loop.callAt(deadlineMs, () => {
      const earlyMs = deadlineMs - loop.time();
      assert.ok(earlyMs <= 0, `${earlyMs} ms early`);
      if (--left === 0) loop.stop();
    });
  }
  loop.start();
  // Rounded up, each sleep ends after a deadline: no turn was made for nothing.
  assert.ok(loop.counters.turns <= 50, `${loop.counters.turns} turns`);
});

test('L22 the time left is rounded up to whole milliseconds', () => {
  const { loop, poller } = fakeLoop();
  loop.callLater(0.4, () => loop.callLater(2.1, () => loop.stop()));
  loop.start();
  assert.deepEqual(poller.waits, [1, 3]);
});

test('L23 a timer that a timer of the same turn cancels does not fire', () => {
  const { loop } = fakeLoop();
  const cancelled = [1, 2, 3].map((ms) => loop.callAt(1000 + ms, fail('a cancelled timer')));
  loop.callAt(1000, () => {
    for (const timeout of cancelled) loop.removeTimeout(timeout);
  });
  loop.callAt(1004, () => loop.stop());
  loop.addCallback(() => loop.addHandler(7, ignore, READ));
  loop.start();

  const { loop: late, clock } = fakeLoop();
  const second = late.callAt(1001, fail('a cancelled timer that was due'));
  late.callAt(1000, () => late.removeTimeout(second));
  late.callAt(1002, () => late.stop());
  clock.advance(10);
  late.start();
});

test('L23 the place of such a timer is given back once', () => {
  const timers = new Timers();
  timers.add(1, () => timers.cancel(second));
  const second = timers.add(2, fail('a cancelled timer that was due'));
  timers.add(9, ignore);
  timers.runDue(2, (callback) => callback());
  assert.deepEqual([timers.size, timers.places], [1, 1]);
});

test('L24 cancelling what has fired or was cancelled does nothing', () => {
  const { loop } = fakeLoop();
  const fired: string[] = [];
  const first = loop.callLater(1, () => {
    fired.push('first');
    loop.removeTimeout(first);
  });
  const cancelled = loop.callLater(2, fail('a cancelled timer'));
  loop.removeTimeout(cancelled);
  loop.removeTimeout(cancelled);
  loop.callLater(3, () => {
    for (let i = 0; i < 200; i++) loop.removeTimeout(first);
    loop.removeTimeout(cancelled);
    fired.push('second');
  });
  loop.callLater(4, () => loop.stop());
  loop.start();
  assert.deepEqual(fired, ['first', 'second']);
});

test('L25 timers that were added and cancelled give their places back, and later ones fire', () => {
  const timers = new Timers();
  const kept = Array.from({ length: 10 }, (_, i) => timers.add(500 + i, ignore));
  let mostPlaces = 0;
  for (let i = 0; i < 2000; i++) {
    timers.cancel(timers.add(i, fail('a cancelled timer')));
    mostPlaces = Math.max(mostPlaces, timers.places);
  }
  assert.ok(mostPlaces < 100, `${mostPlaces} places`);
  assert.equal(timers.size, kept.length);
  assert.equal(timers.nextDeadlineMs(), 500);
});

test('L25 a cancelled timer wakes nobody', () => {
  const { loop, poller } = fakeLoop();
  for (let i = 0; i < 10; i++) loop.removeTimeout(loop.callLater(10 + i, fail('a cancelled timer')));
  loop.callLater(100, () => loop.stop());
  loop.start();
  assert.deepEqual(poller.waits, [100]);
});

test('L25 without timers the loop sleeps until something happens', () => {
  const { loop, poller } = fakeLoop();
  loop.removeTimeout(loop.callLater(10, fail('a cancelled timer')));
  loop.addHandler(7, () => loop.stop(), READ);
  poller.planReady([7, READ]);
  loop.start();
  assert.deepEqual(poller.waits, [null]);
});

test('L28 a timer with delay 0 runs in the next turn, after a wait that does not block', () => {
  for (const delayMs of [0, -5]) {
    const { loop, poller } = fakeLoop();
    loop.addHandler(7, () => loop.callLater(delayMs, () => loop.stop()), READ);
    poller.planReady([7, READ]);
    loop.start();
    assert.deepEqual(poller.waits, [null]);
  }
  const { loop, poller } = fakeLoop();
  const fired: number[] = [];
  loop.callLater(0, () => loop.callLater(0, () => loop.stop()));
  for (const delayMs of [0, -5, 0]) loop.callLater(delayMs, () => fired.push(delayMs));
  loop.start();
  assert.deepEqual(fired, [0, -5, 0]);
  assert.deepEqual(poller.waits, [0]);
});

test('L28 a timer a year ahead takes several waits, and fires on time', () => {
  const yearMs = 365 * 86_400_000;
  const { loop, poller, clock } = fakeLoop();
  loop.callLater(yearMs, () => loop.stop());
  loop.start();
  assert.equal(clock.now(), 1000 + yearMs);
  assert.equal(poller.waits[0], 2 ** 31 - 1);
  assert.equal(
    poller.waits.reduce((sum: number, ms) => sum + (ms ?? 0), 0),
    yearMs,
  );
  for (const delayMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => loop.callLater(delayMs, ignore), RangeError);
  }
});

onEveryPoller('L28 nor does a timer a year ahead disturb others', ({ loop }) => {
  loop.callLater(365 * 86_400_000, fail('the timer'));
  let isDue = false;
  loop.callLater(20, () => {
    isDue = true;
    loop.stop();
  });
  loop.start();
  assert.ok(isDue);
  // None where a busy machine let the 20 ms pass before the first wait.
  assert.ok(loop.counters.turns <= 1, `${loop.counters.turns} turns`);
});
