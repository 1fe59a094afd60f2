import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPoller } from '../../../pollers/loaded.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { rethrow } from '../../ioloop/testing/fake-loop.js';
import { Alternation } from './alternation.js';

const READINGS = 40;
const NAMES = ['select', 'epoll', 'epoll'];

/** What each has spent when the connections that were accepted have been asked for so often. */
function spentWith(accepted: (reading: number) => number) {
  const loop = new IOLoop({ poller: createPoller('poll'), onError: rethrow });
  let readings = 0;
  const alternation = new Alternation(loop, NAMES, 1, () => {
    if (++readings === READINGS) loop.stop();
    return accepted(readings);
  });
  loop.start();
  const spent = alternation.end();
  loop.close();
  return spent;
}

test('pollers take turns there and back, and each has what it spent in its own', () => {
  const spent = spentWith(() => 0);
  assert.equal(spent.length, NAMES.length);
  for (const { ns, cpuNs, turns } of spent) {
    assert.ok(ns > 0 && cpuNs > 0 && turns > 0);
    assert.ok(cpuNs <= ns, 'a thread has one CPU');
  }
});

test('a turn in which a connection came counts for nobody', () => {
  for (const { ns, cpuNs, turns, events } of spentWith((reading) => reading))
    assert.deepEqual([ns, cpuNs, turns, events], [0, 0, 0, 0]);
});

test('nobody cannot take turns', () => {
  const loop = new IOLoop({ poller: createPoller('poll'), onError: rethrow });
  assert.throws(() => new Alternation(loop, [], 1, () => 0), RangeError);
  loop.close();
});
