import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { raise } from '../../pollers/contract/workbench.js';
import { isOpen } from '../../pollers/libc/linux/files.js';
import { fail, fakeLoop, ignore } from './testing/fake-loop.js';
import { onEveryPoller, recordWaits } from './testing/on-every-poller.js';
import { Waker } from './waker.js';

/** Only a defect takes so long: the loop would sleep until this time. */
const NEVER_MS = 60_000;

/** A thread that writes the number 1 to an eventfd, some time after it was told that the loop is about to sleep. */
function writingThread(fd: number, times: number) {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { workerData: { shared, fd, times } } = require('node:worker_threads');
     const one = new BigUint64Array([1n]);
     Atomics.wait(shared, 0, 0);
     Atomics.wait(shared, 0, 1, 30);
     for (let i = 0; i < times; i++) require('node:fs').writeSync(fd, one);`,
    { eval: true, workerData: { shared, fd, times } },
  );
  return {
    go() {
      Atomics.store(shared, 0, 1);
      Atomics.notify(shared, 0);
    },
    ended: once(worker, 'exit'),
  };
}

onEveryPoller('L6 another thread ends the sleep, and what it asks for runs at once', async (real) => {
  const { loop, poller } = real;
  const waits = recordWaits(poller, loop);
  const trace: string[] = [];
  const waker = loop.openWaker(() => {
    trace.push('woken');
    loop.addCallback(() => {
      trace.push('callback');
      loop.stop();
    });
  });
  const thread = writingThread(waker.fd, 1);
  loop.callLater(NEVER_MS, fail('the timer'));
  loop.addCallback(thread.go);
  loop.start();
  await thread.ended;
  assert.deepEqual(trace, ['woken', 'callback']);
  assert.ok(waits.every(({ timeoutMs }) => timeoutMs === null || timeoutMs > 0));
  assert.equal(waits.length, 1);
});

onEveryPoller('L6 a callback that the thread itself adds writes no wake-up', ({ loop, poller }) => {
  const waits = recordWaits(poller, loop);
  const waker = loop.openWaker(fail('the waker'));
  let left = 100;
  const again = () => {
    assert.equal(waker.consume(), false);
    if (--left > 0) loop.addCallback(again);
    else loop.stop();
  };
  loop.addCallback(again);
  loop.start();
  assert.equal(waits.length, 99);
  assert.ok(waits.every(({ timeoutMs }) => timeoutMs === 0));
});

onEveryPoller('L7 another process wakes the loop, and many wakes are one', async ({ loop }) => {
  let wakes = 0;
  const waker = loop.openWaker(() => {
    wakes++;
    loop.stop();
  });
  // 1 000 times the number 1, written at once.
  const one = '\\001\\000\\000\\000\\000\\000\\000\\000';
  const child = spawn('sh', ['-c', `i=0; while [ $i -lt 1000 ]; do printf '${one}' >&3; i=$((i+1)); done`], {
    stdio: ['ignore', 'inherit', 'inherit', waker.fd],
  });
  loop.callLater(NEVER_MS, fail('the timer'));
  loop.start();
  assert.equal(wakes, 1);
  await once(child, 'exit');
  // What came after the first wake-up is one more.
  wakes = 0;
  waker.wake();
  loop.start();
  assert.equal(wakes, 1);
  assert.equal(loop.counters.snapshot().syscalls.read, 2);
});

onEveryPoller('L7 wakes from a thread while the loop sleeps', async ({ loop }) => {
  const waker = loop.openWaker(() => loop.stop());
  const thread = writingThread(waker.fd, 100);
  loop.callLater(NEVER_MS, fail('the timer'));
  loop.addCallback(thread.go);
  // The catalogue says 100 ms; a busy machine may take longer to run a thread, but not until the timer.
  loop.start();
  await thread.ended;
});

onEveryPoller('L7 a counter that is full is no error', ({ loop }) => {
  let wakes = 0;
  const waker = loop.openWaker(() => {
    wakes++;
    loop.stop();
  });
  raise(waker.fd, 2n ** 64n - 2n);
  waker.wake();
  loop.start();
  assert.equal(wakes, 1);
});

onEveryPoller('L8 a waker that was consumed lets the loop sleep again', ({ loop, poller }) => {
  const waits = recordWaits(poller, loop);
  let wakes = 0;
  const waker = loop.openWaker(() => {
    wakes++;
  });
  waker.wake();
  loop.callLater(60, () => loop.stop());
  loop.start();
  assert.equal(wakes, 1);
  // Woken at once, then asleep until the timer.
  assert.equal(waits.length, 2);
});

test('a waker takes all its wakes at once', () => {
  const waker = new Waker();
  waker.wake();
  waker.wake();
  assert.equal(waker.consume(), true);
  assert.equal(waker.consume(), false);
  waker.close();
  assert.equal(isOpen(waker.fd), false);
});

test('a waker that the poller refuses leaves no fd behind', () => {
  const { loop, poller } = fakeLoop();
  let refused = -1;
  poller.register = (fd) => {
    refused = fd;
    throw new Error('too large');
  };
  assert.throws(() => loop.openWaker(ignore), /too large/);
  assert.equal(isOpen(refused), false);
});
