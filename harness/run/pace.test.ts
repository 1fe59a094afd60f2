import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.js';

function paced(planned: number, most: number) {
  let now = 0;
  const pace = new Pace(planned, most, () => now);
  const at = (made: number, seconds: number) => {
    pace.made(made);
    now += seconds;
    return pace.secondsToSpare;
  };
  return at;
}

test('what a run may take beyond its plan is spread over it', () => {
  const at = paced(100, 120);
  assert.equal(at(0, 0), 2);
  assert.equal(at(50, 50), 12);
  assert.equal(at(50, 60), 12);
});

test('a run that is behind has nothing to spare, and again what it makes up for', () => {
  const at = paced(100, 120);
  assert.ok(at(50, 70) < 0);
  assert.ok(at(25, 5) > 0);
});

test('a run with nothing left to make has no time to keep', () => {
  assert.equal(paced(0, 50)(0, 1), Number.POSITIVE_INFINITY);
  assert.equal(paced(10, Number.POSITIVE_INFINITY)(0, 1), Number.POSITIVE_INFINITY);
});

test('a plan that is longer than its time takes as long as it takes', () => {
  assert.equal(paced(100, 50)(100, 1000), Number.POSITIVE_INFINITY);
});
