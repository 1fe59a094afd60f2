import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertReady, assertSilent, openFds, raise, Workbench } from './contract/workbench.js';
import { EpollPoller } from './epoll.js';
import { fdLimit, setSoftFdLimit } from './libc/linux/process.js';
import { READ } from './poller.js';

async function onBench(run: (bench: Workbench, poller: EpollPoller) => void): Promise<void> {
  const bench = new Workbench({ name: 'epoll', create: () => new EpollPoller() });
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
