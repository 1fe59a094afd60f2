import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertReady, assertSilent, lower, raise, Workbench } from './contract/workbench.js';
import { PollPoller } from './poll.js';
import { READ } from './poller.js';

test('poll walks its array up to the last ready slot, in order of registration', async () => {
  const bench = new Workbench({ name: 'poll', create: () => new PollPoller() });
  try {
    const poller = bench.poller();
    const fds = Array.from({ length: 100 }, () => bench.eventfd());
    for (const fd of fds) poller.register(fd, READ);
    assertSilent(poller);
    assert.equal(poller.fdsExamined, 0);
    for (const slot of [99, 0, 42]) {
      const fd = fds[slot] as number;
      raise(fd);
      assertReady(poller, [[fd, READ]]);
      assert.equal(poller.fdsExamined, slot + 1);
      lower(fd);
    }
    // The last slot moves into the gap.
    poller.unregister(fds[10] as number);
    const last = fds[99] as number;
    raise(last);
    assertReady(poller, [[last, READ]]);
    assert.equal(poller.fdsExamined, 11);
  } finally {
    await bench.clear();
  }
});
