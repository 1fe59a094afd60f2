import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFds } from '../../pollers/contract/workbench.js';
import { duplicateAtLeast, isOpen } from '../../pollers/libc/linux/files.js';
import { createPoller } from '../../pollers/loaded.js';
import { READ, WRITE } from '../../pollers/poller.js';
import { monotonicClock } from './clock.js';
import { IOLoop } from './ioloop.js';
import { PeriodicCallback } from './periodic-callback.js';
import { fail, fakeLoop, ignore, rethrow } from './testing/fake-loop.js';
import { onEveryPoller } from './testing/on-every-poller.js';

test('L31 stop before start lets that one start return at once', () => {
  const { loop, poller } = fakeLoop();
  let calls = 0;
  loop.addCallback(() => {
    calls++;
    loop.stop();
  });
  loop.stop();
  loop.start();
  assert.equal(calls, 0);
  loop.start();
  assert.equal(calls, 1);
  assert.equal(poller.waits.length, 0);
});

test('L32 stop inside a handler: the turn and what it queued come to their end, and start works again', () => {
  const { loop, poller } = fakeLoop();
  const trace: string[] = [];
  loop.addHandler(
    7,
    () => {
      trace.push('7');
      loop.stop();
      loop.addCallback(() => {
        trace.push('callback');
        loop.addCallback(() => trace.push('later'));
      });
    },
    READ,
  );
  loop.addHandler(8, () => trace.push('8'), READ);
  poller.planReady([7, READ], [8, READ]);
  loop.start();
  assert.deepEqual(trace, ['7', '8', 'callback']);
  assert.equal(poller.waits.length, 1);

  loop.callLater(5, () => loop.stop());
  loop.start();
  assert.deepEqual(trace, ['7', '8', 'callback', 'later']);
  assert.deepEqual(poller.waits, [null, 5]);
});

test('L33 start inside a callback, a timer or a handler throws', () => {
  const { loop, poller } = fakeLoop();
  let refusals = 0;
  const nested = () => {
    assert.throws(() => loop.start(), { code: 'RUNNING', message: /already running/ });
    refusals++;
  };
  loop.addCallback(nested);
  loop.callLater(0, nested);
  loop.addHandler(
    7,
    () => {
      nested();
      loop.stop();
    },
    READ,
  );
  poller.planReady([7, READ]);
  loop.start();
  assert.equal(refusals, 3);
});

test('L34 a running loop cannot be closed, and a closed one takes nothing', () => {
  const { loop, poller } = fakeLoop();
  const timeout = loop.callLater(1, fail('a timer of a closed loop'));
  loop.addHandler(7, fail('a handler of a closed loop'), READ);
  loop.addCallback(() => {
    assert.throws(() => loop.close(), { code: 'RUNNING' });
    loop.stop();
  });
  loop.start();
  loop.close();
  loop.close(true);
  assert.ok(poller.isClosed);
  const closed = { code: 'CLOSED', message: 'the loop is closed' };
  assert.throws(() => loop.addHandler(7, ignore, READ), closed);
  assert.throws(() => loop.updateHandler(7, WRITE), closed);
  assert.throws(() => loop.addCallback(ignore), closed);
  assert.throws(() => loop.callLater(0, ignore), closed);
  assert.throws(() => loop.callAt(0, ignore), closed);
  assert.throws(() => loop.openWaker(ignore), closed);
  assert.throws(() => loop.start(), closed);
  loop.removeHandler(7);
  loop.removeTimeout(timeout);
  loop.stop();
});

onEveryPoller(
  'L34 close closes what is the loop’s own, and the watched fds if told to',
  ({ name, bench }) => {
    const before = openFds();
    const make = () => new IOLoop({ poller: createPoller(name), onError: rethrow });
    const [kept, closedEarly] = [bench.eventfd(), bench.eventfd()];
    const loop = make();
    loop.addHandler(kept, ignore, READ);
    const waker = loop.openWaker(ignore);
    loop.close();
    assert.ok(isOpen(kept));
    assert.ok(!isOpen(waker.fd));

    const all = make();
    all.openWaker(ignore);
    const moved = duplicateAtLeast(kept, 0);
    all.addHandler(moved, ignore, READ);
    all.addHandler(closedEarly, ignore, READ);
    bench.close(closedEarly);
    all.close(true);
    assert.ok(!isOpen(moved));
    bench.close(kept);
    assert.deepEqual(openFds(), before);
  },
);

/** Ten seconds of timers, events and callbacks: what happened when. */
function scenario(): string {
  const { loop, poller, clock } = fakeLoop();
  const trace: string[] = [];
  const note = (what: string) => trace.push(`${clock.now()} ${what}`);
  new PeriodicCallback(loop, 90, () => {
    note('beat');
    loop.addCallback(() => note('callback'));
  }).start();
  loop.addHandler(7, (fd, events) => note(`${fd} is ready for ${events}`), 3);
  for (let i = 0; i < 50; i++) poller.plan({ afterMs: i, ready: [[7, 1 + (i % 3)]] });
  const late = loop.callLater(20_000, fail('a timer after the end'));
  loop.callLater(5000, () => loop.removeTimeout(late));
  loop.callLater(10_000, () => loop.stop());
  loop.start();
  assert.equal(clock.now(), 11_000);
  return trace.join('\n');
}

test('L35 with a fake poller and clock ten seconds pass without any of them being waited for, always the same', () => {
  const first = scenario();
  const startMs = monotonicClock.now();
  const second = scenario();
  const tookMs = monotonicClock.now() - startMs;
  assert.equal(first, second);
  assert.ok(first.split('\n').length > 250);
  // Some ms. How busy the machine is with others says nothing, and the ten seconds would be longer.
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
});

onEveryPoller('L36 two loops share nothing, not even an fd, and one may run inside the other', (real) => {
  const { loop, name, bench } = real;
  const other = new IOLoop({ poller: createPoller(name), onError: rethrow });
  const fd = bench.raisedEventfd();
  const trace: string[] = [];
  loop.addHandler(
    fd,
    () => {
      trace.push('handler');
      loop.removeHandler(fd);
      other.start();
      trace.push('end of the other');
      loop.stop();
    },
    READ,
  );
  other.addCallback(() => trace.push('callback of the other'));
  other.addHandler(
    fd,
    () => {
      trace.push('handler of the other');
      other.removeHandler(fd);
      // From here: a timer set before it may be due before the first wait, where the machine is busy.
      other.callLater(5, () => other.stop());
    },
    READ,
  );
  loop.start();
  assert.deepEqual(trace, ['handler', 'callback of the other', 'handler of the other', 'end of the other']);
  assert.equal(loop.counters.events, 1);
  other.close();
  loop.callLater(1, () => loop.stop());
  loop.start();
});

test('a wait that fails ends start, and the loop can be started again', () => {
  const { loop, poller } = fakeLoop();
  const wait = poller.wait.bind(poller);
  poller.wait = () => {
    throw new Error('EINVAL');
  };
  assert.throws(() => loop.start(), /EINVAL/);
  poller.wait = wait;
  loop.callLater(1, () => loop.stop());
  loop.start();
  assert.equal(poller.waits.length, 1);
});
