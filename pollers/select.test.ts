import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertReady, assertSilent, Workbench } from './contract/workbench.js';
import { fdLimit } from './libc/linux/process.js';
import { FD_SETSIZE } from './libc/polling.js';
import { READ, WRITE } from './poller.js';
import { SelectPoller } from './select.js';

const tooFew = { skip: fdLimit().soft <= 1500 && 'the fd limit allows no fd of 1500' };

async function onBench(run: (bench: Workbench, poller: SelectPoller) => void): Promise<void> {
  const bench = new Workbench({ name: 'select-wide', create: () => new SelectPoller({ wide: true }) });
  try {
    run(bench, bench.poller() as SelectPoller);
  } finally {
    await bench.clear();
  }
}

test('select walks its answer up to the last word that the kernel set a bit in', tooFew, () =>
  onBench((bench, poller) => {
    const idle = bench.moveTo(bench.eventfd(), 1000);
    const ready = bench.moveTo(bench.raisedEventfd(), 200);
    poller.register(idle, READ);
    assertSilent(poller);
    assert.equal(poller.fdsExamined, 0);
    poller.register(ready, READ);
    assertReady(poller, [[ready, READ]]);
    assert.equal(poller.fdsExamined, Math.floor(200 / 32) + 1);
    poller.modify(idle, WRITE);
    assertReady(poller, [
      [ready, READ],
      [idle, WRITE],
    ]);
    assert.equal(poller.fdsExamined, Math.floor(1000 / 32) + 1);
  }),
);

test('select reports nothing for a number beyond the file table, where the kernel does not write its answer', () =>
  onBench((bench, poller) => {
    // Linux cuts nfds down to the size of the table, so it neither says EBADF nor clears the bits that we copied in.
    const beyond = 2_000_000;
    const ready = bench.raisedEventfd();
    poller.register(beyond, READ);
    assertSilent(poller);
    poller.register(ready, READ);
    assertReady(poller, [[ready, READ]]);
    // The search for a closed fd finds it all the same.
    const closed = bench.eventfd();
    poller.register(closed, READ);
    bench.close(closed);
    poller.wait(0);
    assert.equal(poller.size, 1);
    assertReady(poller, [[ready, READ]]);
  }));

test('select keeps bits of both sets when its bitmaps grow', tooFew, () =>
  onBench((bench, poller) => {
    const low = Array.from({ length: 40 }, () => bench.raisedEventfd());
    for (const [index, fd] of low.entries()) poller.register(fd, index % 2 ? READ : WRITE);
    const high = bench.moveTo(bench.raisedEventfd(), 1500);
    poller.register(high, WRITE);
    assertReady(poller, [
      ...low.map((fd, index): [number, number] => [fd, index % 2 ? READ : WRITE]),
      [high, WRITE],
    ]);
  }),
);

test('select keeps to FD_SETSIZE, select-wide does not', () => {
  const poller = new SelectPoller();
  assert.equal(poller.capabilities.maxFd, FD_SETSIZE - 1);
  assert.throws(() => poller.register(FD_SETSIZE, READ), { code: 'FD_TOO_LARGE', fd: FD_SETSIZE });
  assert.ok(new SelectPoller({ wide: true }).capabilities.maxFd > 65_536);
});
