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

/** What each has spent on an fd that is always ready, when the connections that were accepted have been asked for so often. */
async function spentWith(
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
  const spent = alternation.end();
  loop.close();
  await bench.clear();
  return spent;
}

test('pollers take turns there and back, and each has what it spent in its own', async () => {
  const spent = await spentWith(() => 0);
  assert.equal(spent.length, NAMES.length);
  for (const { ns, cpuNs, turns } of spent) {
    assert.ok(ns > 0 && cpuNs > 0 && turns > 0);
    // The two clocks are read one after the other.
    assert.ok(cpuNs <= ns * 1.05, 'a thread has one CPU');
  }
});

test('a way on which a connection came counts for nobody', async () => {
  for (const { ns, cpuNs, turns, events, cpuNsPerEvent } of await spentWith((reading) => reading))
    assert.deepEqual([ns, cpuNs, turns, events, cpuNsPerEvent], [0, 0, 0, 0, []]);
});

test('the next way begins behind a turn in which a connection came', async () => {
  // A turn begins and ends with a reading each.
  const ways = async (accepted: (reading: number) => number) =>
    (await spentWith(accepted)).map(({ cpuNsPerEvent }) => cpuNsPerEvent.length);
  const [turns, ofWay] = [READINGS / 2, 2 * NAMES.length];
  assert.deepEqual(
    await ways(() => 0),
    NAMES.map(() => Math.floor(turns / ofWay)),
  );
  const inSecondTurn = (reading: number) => (reading > 3 ? 1 : 0);
  assert.deepEqual(
    await ways(inSecondTurn),
    NAMES.map(() => Math.floor((turns - 2) / ofWay)),
  );
});

test('each way begins with another poller: who is first pays for it', async () => {
  const used: string[] = [];
  await spentWith(() => 0, ['select', 'poll', 'epoll'], used);
  const ways = ['select poll epoll epoll poll select', 'poll epoll select select epoll poll'];
  assert.equal(used.slice(0, 12).join(' '), ways.join(' '));
  assert.equal(used[12], 'epoll');
});

test('nobody cannot take turns', () => {
  const loop = new IOLoop({ poller: createPoller('poll'), onError: rethrow });
  assert.throws(() => new Alternation(loop, [], 1, { accepted: () => 0 }), RangeError);
  loop.close();
});
