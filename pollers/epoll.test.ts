import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContract } from './contract/suite.js';
import { assertReady, assertSilent, openFds, raise, send, Workbench } from './contract/workbench.js';
import { type EpollOptions, EpollPoller } from './epoll.js';
import { EPOLLEXCLUSIVE } from './libc/linux/polling.js';
import { fdLimit, setSoftFdLimit } from './libc/linux/process.js';
import { READ, WRITE } from './poller.js';

/** Everything again where, of several instances, not all are woken. */
testContract('epoll that is woken alone', (options) => new EpollPoller({ ...options, exclusive: true }));

async function onBench(
  run: (bench: Workbench, poller: EpollPoller) => void,
  options: EpollOptions = {},
): Promise<void> {
  const bench = new Workbench({ name: 'epoll', create: () => new EpollPoller(options) });
  try {
    run(bench, bench.poller() as EpollPoller);
  } finally {
    await bench.clear();
  }
}

test('epoll looks at as many events as the kernel hands over', () =>
  onBench((bench, poller) => {
    const fds = Array.from({ length: 20 }, () => bench.eventfd());
    for (const fd of fds) poller.register(fd, READ);
    assertSilent(poller);
    assert.equal(poller.fdsExamined, 0);
    for (const fd of fds.slice(7, 10)) raise(fd);
    assert.equal(poller.wait(0), 3);
    assert.equal(poller.fdsExamined, 3);
  }));

test('epoll builds its instance anew even when the process may hold no further fd', () =>
  onBench((bench, poller) => {
    const [live, stale] = [bench.eventfd(), bench.eventfd()] as const;
    const duplicate = bench.duplicate(stale);
    poller.register(live, READ);
    poller.register(stale, READ);
    bench.close(stale);
    poller.unregister(stale);
    raise(duplicate);
    raise(live);
    // The closed number is the only one left below the limit; it is taken, so that none is.
    bench.moveTo(bench.eventfd(), stale);
    const { soft } = fdLimit();
    const limit = Math.max(...openFds()) + 1;
    for (let fd = 0; fd < limit; fd++) if (!openFds().includes(fd)) bench.duplicate(live, fd);
    try {
      setSoftFdLimit(limit);
      assertReady(poller, [[live, READ]]);
      assertReady(poller, [[live, READ]]);
      assert.equal(poller.fdsExamined, 1);
    } finally {
      setSoftFdLimit(soft);
    }
  }));

test('epoll takes at most as many events per wait as it was given room for', () =>
  onBench((bench) => {
    const poller = new EpollPoller({ room: 16 });
    for (let count = 0; count < 70; count++) poller.register(bench.raisedEventfd(), READ);
    for (let wait = 0; wait < 6; wait++) assert.equal(poller.wait(0), 16);
    poller.close();
  }));

test('one-shot epoll that builds its instance anew reports nothing again before modify', () =>
  onBench(
    (bench, poller) => {
      const [reported, armed, stale] = [bench.raisedEventfd(), bench.eventfd(), bench.eventfd()] as const;
      const duplicate = bench.duplicate(stale);
      for (const fd of [reported, armed, stale]) poller.register(fd, READ);
      assertReady(poller, [[reported, READ]]);
      bench.close(stale);
      poller.unregister(stale);
      raise(duplicate);
      // Finds the stale entry, and builds the instance anew.
      assertSilent(poller);
      assertSilent(poller);
      raise(armed);
      assertReady(poller, [[armed, READ]]);
      poller.modify(reported, READ);
      assertReady(poller, [[reported, READ]]);
      poller.unregister(reported);
      poller.register(reported, WRITE);
      assertReady(poller, [[reported, WRITE]]);
      poller.unregister(armed);
    },
    { trigger: 'oneshot' },
  ));

test('of several epoll instances that watch one file, one that is exclusive is woken alone', () =>
  onBench((bench) => {
    const exclusive = [0, 1].map(() => new EpollPoller({ exclusive: true }));
    const oneshot = new EpollPoller({ trigger: 'oneshot', exclusive: true });
    const [reader, writer] = bench.pipe();
    for (const poller of [...exclusive, oneshot]) poller.register(reader, READ);
    send(writer, 'x');
    // Nobody sleeps: readiness that stands is every level-triggered poller's to find.
    for (const poller of [...exclusive, oneshot]) assertReady(poller, [[reader, READ]]);
    const bits = [...exclusive, oneshot].map(({ native }) => {
      const call = native.call();
      return call.call === 'epoll' && (call.triggerBit & EPOLLEXCLUSIVE) !== 0;
    });
    assert.deepEqual(bits, [true, true, false]);
    for (const poller of [...exclusive, oneshot]) poller.close();
  }));
