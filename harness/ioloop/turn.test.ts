import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raise } from '../../pollers/contract/workbench.js';
import { READ } from '../../pollers/poller.js';
import { fakeLoop } from './testing/fake-loop.js';
import { onEveryPoller } from './testing/on-every-poller.js';

test('L1 a turn is: callbacks, due timers, wait, handlers', () => {
  const { loop, poller } = fakeLoop();
  const trace: string[] = [];
  poller.onWait = () => trace.push('wait');
  loop.addHandler(
    7,
    () => {
      trace.push('handler');
      loop.stop();
    },
    READ,
  );
  loop.callLater(0, () => trace.push('timer'));
  loop.addCallback(() => trace.push('callback'));
  poller.planReady([7, READ]);
  loop.start();
  assert.deepEqual(trace, ['callback', 'timer', 'wait', 'handler']);
});

test('L2 a callback of a callback runs in the next turn, after fds had a chance, and the wait does not block', () => {
  const { loop, poller } = fakeLoop();
  const trace: string[] = [];
  poller.onWait = () => trace.push('wait');
  loop.addHandler(7, () => trace.push('handler'), READ);
  loop.addCallback(() => {
    trace.push('first');
    loop.addCallback(() => {
      trace.push('second');
      loop.stop();
    });
  });
  poller.planReady([7, READ]);
  loop.start();
  assert.deepEqual(trace, ['first', 'wait', 'handler', 'second']);
  assert.deepEqual(poller.waits, [0]);
});

test('L2 callbacks of timers and handlers run in the next turn, and the wait does not block', () => {
  const { loop, poller } = fakeLoop();
  const trace: string[] = [];
  loop.callLater(0, () => {
    trace.push('timer');
    loop.addCallback(() => trace.push("timer's callback"));
  });
  loop.addHandler(
    7,
    () => {
      trace.push('handler');
      loop.addCallback(loop.stop.bind(loop));
    },
    READ,
  );
  poller.plan({}, { ready: [[7, READ]] });
  loop.start();
  assert.deepEqual(trace, ['timer', "timer's callback", 'handler']);
  assert.deepEqual(poller.waits, [0, null]);
});

onEveryPoller('L3 an endless chain of callbacks and a ready fd both go on', ({ loop, bench }) => {
  const fd = bench.raisedEventfd();
  let calls = 0;
  let events = 0;
  const again = () => {
    calls++;
    loop.addCallback(again);
  };
  loop.addCallback(again);
  loop.addHandler(
    fd,
    () => {
      events++;
      // A new event also for an edge trigger.
      raise(fd);
    },
    READ,
  );
  loop.callLater(100, () => loop.stop());
  loop.start();
  assert.ok(calls > 100, `${calls} callbacks`);
  assert.ok(events > 100, `${events} events`);
});

test('L4 timers that a timer adds wait for the next turn, even those that are overdue', () => {
  const { loop, poller, clock } = fakeLoop();
  const trace: string[] = [];
  poller.onWait = () => trace.push('wait');
  loop.callLater(0, () => {
    trace.push('timer');
    loop.callLater(0, () => trace.push('delay 0'));
    loop.callAt(clock.now() - 500, () => {
      trace.push('overdue');
      loop.callLater(1, () => loop.stop());
    });
  });
  loop.start();
  assert.deepEqual(trace, ['timer', 'wait', 'overdue', 'delay 0', 'wait']);
  assert.deepEqual(poller.waits, [0, 1]);
});

onEveryPoller('L5 fds that are always ready get their turns evenly', ({ loop, bench, poller }) => {
  const fds = [bench.raisedEventfd(), bench.raisedEventfd(), bench.raisedEventfd()];
  const calls = new Map(fds.map((fd) => [fd, 0]));
  for (const fd of fds) {
    const handler = () => {
      calls.set(fd, (calls.get(fd) ?? 0) + 1);
      raise(fd);
    };
    loop.addHandler(fd, handler, READ);
  }
  const wait = poller.wait.bind(poller);
  poller.wait = (timeoutMs) => {
    const counts = [...calls.values()];
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `calls by fd: ${counts}`);
    if (counts.every((count) => count >= 200)) loop.stop();
    return wait(timeoutMs);
  };
  loop.start();
});

test('a turn of its own is callbacks, due timers, a wait that does not block, and handlers; what is left runs in the next', () => {
  const { loop, poller, clock } = fakeLoop();
  const trace: string[] = [];
  loop.addHandler(7, () => trace.push('handler'), READ);
  loop.callLater(5, () => trace.push('timer'));
  loop.addCallback(() => {
    trace.push('callback');
    loop.addCallback(() => trace.push('its callback'));
  });
  poller.planReady([7, READ]);
  loop.turn();
  assert.deepEqual(trace, ['callback', 'handler']);
  clock.advance(5);
  loop.turn();
  assert.deepEqual(trace, ['callback', 'handler', 'its callback', 'timer']);
  loop.turn();
  assert.deepEqual(poller.waits, [0, 0, 0]);
  assert.equal(loop.counters.turns, 3);
  assert.equal(loop.counters.blockingTurns, 0);
});

test('a turn of its own is refused in a running loop, ends before its wait by stop, and leaves the loop as start does', () => {
  const { loop, poller } = fakeLoop();
  loop.addCallback(() => {
    assert.throws(() => loop.turn(), { code: 'RUNNING' });
    assert.throws(() => loop.start(), { code: 'RUNNING' });
    loop.stop();
  });
  loop.turn();
  assert.deepEqual(poller.waits, []);
  loop.stop();
  loop.addCallback(() => loop.stop());
  loop.turn();
  assert.deepEqual(poller.waits, [], 'stopped before: it returns at once, that one time');
  loop.start();
  loop.close();
  assert.throws(() => loop.turn(), { code: 'CLOSED' });
});

onEveryPoller(
  'a turn of its own returns where nothing is ready, and hands out what is',
  ({ loop, bench }) => {
    const fd = bench.raisedEventfd();
    let events = 0;
    loop.turn();
    loop.addHandler(fd, () => events++, READ);
    loop.turn();
    assert.equal(events, 1);
    loop.removeHandler(fd);
    loop.turn();
    assert.equal(events, 1);
    assert.equal(loop.counters.turns, 3);
  },
);
