import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower, raise, receive, send } from '../../pollers/contract/workbench.js';
import { threadCpuNs } from '../../pollers/libc/linux/clock.js';
import { WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { ERROR, PollerError, READ, WRITE } from '../../pollers/poller.js';
import { fail, fakeLoop, ignore } from './testing/fake-loop.js';
import { needsLevel, onEveryPoller } from './testing/on-every-poller.js';

test('L9 a handler that removes itself is not called again', () => {
  const { loop, poller } = fakeLoop();
  let calls = 0;
  loop.addHandler(
    7,
    (fd) => {
      calls++;
      loop.removeHandler(fd);
      loop.addCallback(() => loop.addCallback(() => loop.stop()));
    },
    READ,
  );
  poller.planReady([7, READ]);
  poller.planReady([7, READ]);
  loop.start();
  assert.equal(calls, 1);
  assert.equal(poller.size, 0);
});

test('L10 of 2 000 ready fds, none that an earlier handler removed is called', () => {
  const { loop, poller } = fakeLoop();
  const called: number[] = [];
  const ready: [number, number][] = [];
  for (let fd = 100; fd < 2100; fd++) {
    ready.push([fd, READ]);
    const handler = () => {
      called.push(fd);
      for (let other = fd + 1; other < fd + 10; other++) loop.removeHandler(other);
    };
    loop.addHandler(fd, handler, READ);
  }
  loop.callLater(0, () => loop.callLater(0, () => loop.stop()));
  poller.planReady(...ready);
  loop.start();
  assert.deepEqual(
    called,
    Array.from({ length: 200 }, (_, i) => 100 + i * 10),
  );
});

test('L11 a new file does not get the event of the one whose number it has', () => {
  const { loop, poller } = fakeLoop();
  let oldEvents = 0;
  let newEvents = 0;
  loop.addHandler(
    7,
    () => {
      loop.removeHandler(8);
      loop.addHandler(
        8,
        () => {
          newEvents++;
          loop.stop();
        },
        READ,
      );
    },
    READ,
  );
  loop.addHandler(8, () => oldEvents++, READ);
  poller.planReady([7, READ], [8, READ]);
  poller.onWait = () => assert.equal(newEvents, 0);
  // An event of its own is one.
  poller.planReady([8, READ]);
  loop.start();
  assert.equal(oldEvents, 0);
  assert.equal(newEvents, 1);
});

onEveryPoller('L11 nor on a real poller', ({ loop, bench }) => {
  const fds = [bench.raisedEventfd(), bench.raisedEventfd()] as const;
  const called: number[] = [];
  for (const [own, other] of [fds, fds.toReversed()] as [number, number][]) {
    const handler = () => {
      called.push(own);
      loop.removeHandler(other);
      bench.close(other);
      assert.equal(bench.moveTo(bench.eventfd(), other), other);
      loop.addHandler(other, fail('the handler of the new file'), READ);
      loop.removeHandler(own);
    };
    loop.addHandler(own, handler, READ);
  }
  loop.callLater(20, () => loop.stop());
  loop.start();
  assert.equal(called.length, 1);
});

test('L12 what was fetched is masked by the present interest', () => {
  const { loop, poller } = fakeLoop();
  const seen: [number, number][] = [];
  loop.addHandler(
    7,
    () => {
      loop.updateHandler(8, WRITE);
      loop.updateHandler(9, WRITE);
      loop.updateHandler(10, 3);
      loop.addCallback(() => loop.stop());
    },
    READ,
  );
  for (const fd of [8, 9, 10]) loop.addHandler(fd, (...event) => seen.push(event), fd === 8 ? 3 : READ);
  poller.planReady([7, READ], [8, READ | WRITE], [9, READ], [10, READ]);
  loop.start();
  assert.deepEqual(seen, [
    [8, WRITE],
    [10, READ],
  ]);
  assert.equal(loop.counters.events, 3);
});

test('L12 an fd that fell out of the poller while it was modified gets nothing any more', () => {
  const { loop, poller } = fakeLoop();
  loop.addHandler(
    7,
    () => {
      poller.forget(8);
      assert.throws(() => loop.updateHandler(8, WRITE), { code: 'NOT_REGISTERED' });
      loop.stop();
    },
    READ,
  );
  loop.addHandler(8, fail('the handler'), READ);
  poller.planReady([7, READ], [8, READ]);
  loop.start();
});

test('L16 events are within the interest or ERROR, and never none', () => {
  const { loop, poller } = fakeLoop();
  const seen: [number, number][] = [];
  for (const [fd, interest] of [
    [7, READ],
    [8, WRITE],
    [9, 3],
  ] as const) {
    loop.addHandler(fd, (...event) => seen.push(event), interest);
  }
  loop.callLater(0, () => loop.callLater(0, () => loop.stop()));
  poller.planReady(
    [7, WRITE],
    [7, READ | WRITE | ERROR],
    [8, READ],
    [8, ERROR],
    [9, READ | WRITE],
    [99, READ],
  );
  loop.start();
  assert.deepEqual(seen, [
    [7, READ | ERROR],
    [8, ERROR],
    [9, READ | WRITE],
  ]);
});

onEveryPoller(
  'L17 a handler whose data was taken by another finds WOULD_BLOCK, and nothing else happens',
  (real) => {
    const { loop, bench, poller } = real;
    const [reader, writer] = bench.pipe();
    const readers = [reader, bench.duplicate(reader)];
    const found: (string | number)[] = [];
    for (const fd of readers) loop.addHandler(fd, () => found.push(receive(fd)), READ);
    send(writer, 'one');
    loop.callLater(20, () => loop.stop());
    loop.start();
    assert.deepEqual(found, ['one', WOULD_BLOCK]);
    assert.equal(loop.counters.errors, 0);
    for (const fd of readers) assert.equal(poller.interestOf(fd), READ);
  },
);

onEveryPoller(
  'L18 an fd whose handler ignores it costs a call every turn, and nothing is lost',
  ({ loop, bench }) => {
    const ignored = bench.raisedEventfd();
    const other = bench.eventfd();
    let calls = 0;
    let others = 0;
    loop.addHandler(
      ignored,
      () => {
        if (++calls % 100 === 0) raise(other);
        if (calls === 1000) loop.stop();
      },
      READ,
    );
    loop.addHandler(
      other,
      () => {
        others++;
        lower(other);
      },
      READ,
    );
    const startNs = threadCpuNs();
    loop.start();
    const { turns, events, sleptTurns } = loop.counters.snapshot();
    assert.equal(turns, calls);
    assert.ok(others >= 9, `${others} events of the other fd`);
    assert.equal(events, calls + others);
    assert.ok(threadCpuNs() > startNs);
    assert.ok(sleptTurns < turns / 2, `${sleptTurns} of ${turns} turns slept`);
    lower(ignored);
  },
  needsLevel,
);

test('L19 an fd that has a handler gets no second one, and removing an unknown one is silent', () => {
  const { loop, poller } = fakeLoop();
  let calls = 0;
  loop.addHandler(
    7,
    () => {
      calls++;
      loop.stop();
    },
    READ,
  );
  assert.throws(() => loop.addHandler(7, fail('the second handler'), WRITE), { code: 'ALREADY_REGISTERED' });
  for (const fd of [8, -1, Number.NaN, 1e9]) loop.removeHandler(fd);
  poller.planReady([7, READ]);
  loop.start();
  assert.equal(calls, 1);
  loop.removeHandler(7);
  loop.removeHandler(7);
  loop.addHandler(7, ignore, READ);
});

onEveryPoller('L19 removing a closed fd is silent', ({ loop, bench, poller }) => {
  const fd = bench.eventfd();
  loop.addHandler(fd, ignore, READ);
  bench.close(fd);
  loop.removeHandler(fd);
  assert.equal(poller.size, 0);
});

test('L19 an fd that the poller has forgotten can be removed, or registered again', () => {
  const { loop, poller } = fakeLoop();
  loop.addHandler(7, ignore, READ);
  poller.forget(7);
  loop.removeHandler(7);
  loop.addHandler(7, ignore, READ);
  poller.forget(7);
  assert.throws(() => loop.updateHandler(7, WRITE), PollerError);
  loop.addHandler(7, () => loop.stop(), READ);
  poller.planReady([7, READ]);
  loop.start();
});

test('L20 nothing that a handler asks for runs on its stack', () => {
  const { loop, poller } = fakeLoop();
  let inHandler = false;
  const trace: string[] = [];
  const outside = (what: string) => () => {
    assert.equal(inHandler, false, `${what} ran inside the handler`);
    trace.push(what);
  };
  loop.addHandler(
    7,
    () => {
      inHandler = true;
      loop.addCallback(outside('callback'));
      loop.callLater(0, outside('timer'));
      loop.callAt(0, outside('overdue timer'));
      loop.addHandler(9, outside('new handler'), READ);
      loop.updateHandler(8, WRITE);
      loop.removeHandler(7);
      loop.stop();
      inHandler = false;
    },
    READ,
  );
  loop.addHandler(8, outside('other handler'), 3);
  poller.planReady([7, READ], [8, WRITE]);
  loop.start();
  assert.deepEqual(trace, ['other handler', 'callback', 'overdue timer', 'timer']);
});
