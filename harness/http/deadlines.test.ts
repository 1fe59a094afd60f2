import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeLoop } from '../ioloop/testing/fake-loop.js';
import { Deadlines, type Mortal } from './deadlines.js';

const GRANULARITY_MS = 10;

/** Deadlines on a loop outside time, whose first moment is 1000 ms. */
function scene() {
  const { loop, clock } = fakeLoop();
  const deadlines = new Deadlines(loop, GRANULARITY_MS);
  const ended: [name: string, atMs: number][] = [];
  const add = (name: string, deadlineMs: number): Mortal => {
    const mortal: Mortal = {
      deadlineMs: Number.POSITIVE_INFINITY,
      expire(nowMs) {
        ended.push([name, nowMs]);
        deadlines.delete(mortal);
      },
    };
    deadlines.add(mortal);
    deadlines.set(mortal, deadlineMs);
    return mortal;
  };
  /** Runs for so long and returns how often the loop woke up, the end of this not counted. */
  const run = (ms: number): number => {
    const before = loop.counters.turns;
    loop.callLater(ms, () => loop.stop());
    loop.start();
    return loop.counters.turns - before - 1;
  };
  return { deadlines, clock, ended, add, run };
}

test('what is over is told in order, never early and late by the granularity at most', () => {
  const { ended, add, run } = scene();
  add('a', 1020);
  add('b', 1022);
  add('c', 1029);
  add('d', 1050);
  run(100);
  assert.deepEqual(ended, [
    ['a', 1020],
    ['b', 1030],
    ['c', 1030],
    ['d', 1050],
  ]);
});

test('a nearer deadline moves the timer, one that is put off costs one wake-up in vain', () => {
  const { deadlines, ended, add, run } = scene();
  const far = add('far', 1900);
  add('near', 1100);
  deadlines.set(far, 1950);
  assert.equal(run(1000), 2);
  assert.deepEqual(ended, [
    ['near', 1100],
    ['far', 1950],
  ]);
  const { deadlines: others, add: addOther, run: runOther } = scene();
  const busy = addOther('busy', 1100);
  others.set(busy, 5000);
  assert.equal(runOther(1000), 1);
});

test('X2 nobody is woken without a deadline, or when all have left', () => {
  const { deadlines, add, run } = scene();
  add('for ever', Number.POSITIVE_INFINITY);
  const left = add('left', 1500);
  deadlines.delete(left);
  assert.equal(run(400), 0);
  const { deadlines: others, add: addOther, run: runOther } = scene();
  for (const mortal of [addOther('x', 1100), addOther('y', 1200)]) others.delete(mortal);
  assert.equal(runOther(1000), 0);
  assert.equal(others.size, 0);
});
