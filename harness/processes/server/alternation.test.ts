import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Workbench } from '../../../pollers/contract/workbench.js';
import { createPoller } from '../../../pollers/loaded.js';
import { READ } from '../../../pollers/poller.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { ignore, rethrow } from '../../ioloop/testing/fake-loop.js';
import { Alternation } from './alternation.js';

const READINGS = 40;
const NAMES = ['select', 'epoll', 'epoll'];

/** The ways beside an fd that is always ready, until the connections that were accepted have been asked for so often. */
async function waysWith(
  accepted: (reading: number) => number,
  names: readonly string[] = NAMES,
  used: string[] = [],
) {
  const loop = new IOLoop({ poller: createPoller('poll'), onError: rethrow });
  const bench = new Workbench({ name: 'poll', create: () => createPoller('poll') });
  loop.addHandler(bench.raisedEventfd(), ignore, READ);
  const { usePoller } = loop;
  loop.usePoller = (poller) => {
    used.push(poller.name);
    usePoller.call(loop, poller);
  };
  let readings = 0;
  const alternation = new Alternation(loop, names, 1, {
    accepted: () => {
      if (++readings === READINGS) loop.stop();
      return accepted(readings);
    },
  });
  loop.start();
  const ways = alternation.end();
  loop.close();
  await bench.clear();
  return ways;
}

test('pollers take turns there and back, and each has what it spent in its own', async () => {
  const ways = await waysWith(() => 0);
  assert.ok(ways.length > 1);
  for (const [at, { fromNs, toNs, spent }] of ways.entries()) {
    assert.equal(spent.length, NAMES.length);
    for (const { ns, cpuNs, turns } of spent) {
      assert.ok(ns > 0 && cpuNs > 0 && turns > 0);
      // The two clocks are read one after the other.
      assert.ok(cpuNs <= ns * 1.05, 'a thread has one CPU');
    }
    assert.ok(fromNs >= (ways[at - 1]?.toNs ?? 0), 'one after the other');
    assert.ok(toNs - fromNs >= spent.reduce((sum, { ns }) => sum + ns, 0), 'all of its turns lie within it');
  }
});

test('a way on which a connection came counts for nobody', async () => {
  assert.deepEqual(await waysWith((reading) => reading), []);
});

test('the next way begins behind a turn in which a connection came', async () => {
  // A turn begins and ends with a reading each.
  const [turns, ofWay] = [READINGS / 2, 2 * NAMES.length];
  assert.equal((await waysWith(() => 0)).length, Math.floor(turns / ofWay));
  const inSecondTurn = (reading: number) => (reading > 3 ? 1 : 0);
  assert.equal((await waysWith(inSecondTurn)).length, Math.floor((turns - 2) / ofWay));
});

test('each way begins with another poller: who is first pays for it', async () => {
  const used: string[] = [];
  await waysWith(() => 0, ['select', 'poll', 'epoll'], used);
  const ways = ['select poll epoll epoll poll select', 'poll epoll select select epoll poll'];
  assert.equal(used.slice(0, 12).join(' '), ways.join(' '));
  assert.equal(used[12], 'epoll');
});

test('nobody cannot take turns', () => {
  const loop = new IOLoop({ poller: createPoller('poll'), onError: rethrow });
  assert.throws(() => new Alternation(loop, [], 1, { accepted: () => 0 }), RangeError);
  loop.close();
});
