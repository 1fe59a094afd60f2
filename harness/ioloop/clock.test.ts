import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicClock } from './clock.js';
import { IOLoop } from './ioloop.js';
import { fakeLoop, ignore, rethrow } from './testing/fake-loop.js';
import { needsSleep, onEveryPoller, recordWaits } from './testing/on-every-poller.js';

onEveryPoller('L29 a step of the system clock moves no timer', ({ loop }) => {
  const systemTime = Date.now;
  const startMs = loop.time();
  try {
    loop.callLater(60, () => loop.stop());
    loop.callLater(20, () => {
      Date.now = () => systemTime() + 3_600_000;
    });
    loop.callLater(40, () => {
      Date.now = () => systemTime() - 3_600_000;
    });
    loop.start();
  } finally {
    Date.now = systemTime;
  }
  const tookMs = loop.time() - startMs;
  assert.ok(tookMs >= 60 && tookMs < 10_000, `${tookMs} ms`);
});

test('L30 after an interruption the wait takes only what is left', () => {
  const { loop, poller } = fakeLoop();
  loop.callLater(300, () => loop.stop());
  poller.plan({ afterMs: 100 }, { afterMs: 50.5 });
  loop.start();
  assert.deepEqual(poller.waits, [300, 200, 150]);
});

test('L30 what a timer takes is not slept again', () => {
  const { loop, poller, clock } = fakeLoop();
  loop.callLater(10, () => clock.advance(70));
  loop.callLater(100, () => loop.stop());
  loop.start();
  assert.deepEqual(poller.waits, [10, 20]);
});

onEveryPoller(
  'L30 signals do not delay a timer',
  async ({ loop, poller, bench }) => {
    const waits = recordWaits(poller, loop);
    process.on('SIGUSR2', ignore);
    try {
      bench.shell(`while kill -USR2 ${process.pid}; do sleep 0.02; done`);
      let timers = 0;
      while (waits.length < timers + 3) {
        timers++;
        const before = waits.length;
        const deadlineMs = loop.time() + 200;
        loop.callAt(deadlineMs, () => {
          assert.ok(loop.time() >= deadlineMs);
          loop.stop();
        });
        loop.start();
        for (const { timeoutMs, atMs } of waits.slice(before)) {
          assert.ok(timeoutMs !== null && timeoutMs > 0);
          // The clock was read before the wait: a busy machine may have had a time of its own in between.
          assert.ok(
            timeoutMs <= Math.ceil(deadlineMs - atMs) + 100,
            `${timeoutMs} ms at ${deadlineMs - atMs}`,
          );
        }
      }
    } finally {
      await bench.endShells();
      process.removeListener('SIGUSR2', ignore);
    }
  },
  needsSleep,
);

test('L30 the clock that loops have unless they are given one goes on by itself', () => {
  const { poller } = fakeLoop();
  const loop = new IOLoop({ poller, onError: rethrow });
  const startMs = monotonicClock.now();
  assert.ok(loop.time() >= startMs && loop.time() - startMs < 10_000);
});
