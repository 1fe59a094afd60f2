import assert from 'node:assert/strict';
import { type Interest, READ, WRITE } from '../poller.js';
import type { Line } from './line.js';
import {
  assertReady,
  assertSilent,
  elapsedMs,
  fill,
  lower,
  raise,
  random,
  readySet,
  rearm,
  receive,
  send,
  type Workbench,
} from './workbench.js';

/** Far from any time that a test waits for, and far from what a busy machine adds. */
const LATE_MS = 20_000;

export const waiting: readonly Line[] = [
  {
    line: 11,
    title: 'waits out its time with nothing registered',
    run(bench: Workbench) {
      const poller = bench.poller();
      assertSilent(poller);
      // What interrupts a wait is no defect of the poller's: the end of a ring of io_uring that this process had does.
      let waits = 0;
      for (let leftMs = 50; leftMs > 0; waits++)
        leftMs -= elapsedMs(() => assert.equal(poller.wait(leftMs), 0));
      assert.ok(waits <= 3, `${waits} waits within 50 ms`);
    },
  },
  {
    line: 12,
    title: 'returns at once from wait(0) and wait(-1)',
    run(bench: Workbench) {
      const poller = bench.poller();
      poller.register(bench.eventfd(), READ);
      for (const timeoutMs of [0, -1, -0.5, Number.NEGATIVE_INFINITY]) {
        const waitedMs = elapsedMs(() => assert.equal(poller.wait(timeoutMs), 0));
        assert.ok(waitedMs < LATE_MS, `wait(${timeoutMs}) took ${waitedMs} ms`);
      }
    },
  },
  {
    line: 13,
    title: 'is never early, twice in a row',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.eventfd();
      poller.register(fd, READ);
      for (const timeoutMs of [25, 25, 10]) {
        const waitedMs = elapsedMs(() => assert.equal(poller.wait(timeoutMs), 0));
        assert.ok(waitedMs >= timeoutMs, `wait(${timeoutMs}) took ${waitedMs} ms`);
        assert.ok(waitedMs < LATE_MS, `wait(${timeoutMs}) took ${waitedMs} ms`);
      }
    },
  },
  {
    line: 14,
    title: 'rounds a fraction of a millisecond up',
    run(bench: Workbench) {
      const poller = bench.poller();
      poller.register(bench.eventfd(), READ);
      for (const [timeoutMs, leastMs] of [
        [0.4, 1],
        [0.4, 1],
        [0.001, 1],
        [1.5, 2],
      ] as const) {
        const waitedMs = elapsedMs(() => assert.equal(poller.wait(timeoutMs), 0));
        assert.ok(waitedMs >= leastMs, `wait(${timeoutMs}) took ${waitedMs} ms`);
      }
    },
  },
  {
    line: 15,
    title: 'clamps a huge timeout, and blocks for ever on null',
    run(bench: Workbench) {
      // 2 ** 32 + 1 would wrap to 1 ms; 3e9 to a negative number, which select refuses and the others take for ever.
      const timeouts = [3e9, 2 ** 32 + 1, Number.POSITIVE_INFINITY, null];
      const poller = bench.poller();
      const [reader, writer] = bench.pipe();
      poller.register(reader, READ);
      bench.shell('for i in 1 2 3 4; do sleep 0.03; printf x; done', writer);
      for (const timeoutMs of timeouts) {
        assert.deepEqual(readySet(poller, timeoutMs), new Map([[reader, READ]]));
        assert.equal(receive(reader, 1), 'x');
        rearm(poller, reader);
      }
    },
  },
  {
    line: 16,
    title: 'reports exactly the ready fds, each with requested bits only',
    run(bench: Workbench) {
      const poller = bench.poller();
      const [idle] = bench.pair();
      const [filled] = bench.pair();
      const [readable, sender] = bench.pair();
      const [writable, otherSender] = bench.pair();
      fill(filled);
      send(sender, 'x');
      send(otherSender, 'x');
      poller.register(idle, READ);
      poller.register(filled, WRITE);
      assertSilent(poller);
      poller.register(readable, READ);
      poller.register(writable, WRITE);
      assertReady(poller, [
        [readable, READ],
        [writable, WRITE],
      ]);
    },
  },
  {
    line: 17,
    title: 'merges READ and WRITE of one fd into one record',
    run(bench: Workbench) {
      const poller = bench.poller();
      const [fd, peer] = bench.pair();
      poller.register(fd, (READ | WRITE) as Interest);
      assertReady(poller, [[fd, WRITE]]);
      send(peer, 'x');
      rearm(poller, fd);
      assert.equal(poller.wait(0), 1);
      assert.equal(poller.readyFds[0], fd);
      assert.equal(poller.readyEvents[0], READ | WRITE);
    },
  },
  {
    line: 18,
    title: 'brings each byte of 12 pairs to its reader and reports nobody else',
    run(bench: Workbench) {
      const poller = bench.poller();
      const next = random(18);
      const pairs = Array.from({ length: 12 }, () => bench.pair());
      for (const [reader] of pairs) poller.register(reader, READ);
      for (let round = 0; round < 200; round++) {
        const sent = new Map<number, string>();
        for (const [reader, writer] of pairs) {
          if (next() < 0.7) continue;
          const byte = String.fromCharCode(97 + Math.floor(next() * 26));
          send(writer, byte);
          sent.set(reader, byte);
        }
        const ready = readySet(poller);
        assert.deepEqual(new Set(ready.keys()), new Set(sent.keys()));
        for (const [reader, events] of ready) {
          assert.equal(events, READ);
          assert.equal(receive(reader), sent.get(reader));
          rearm(poller, reader);
        }
      }
    },
  },
  {
    line: 19,
    title: 'keeps the ready set until the next wait and not longer',
    run(bench: Workbench) {
      const poller = bench.poller();
      const [first, second, third] = [bench.eventfd(), bench.eventfd(), bench.fullEventfd()] as const;
      poller.register(first, READ);
      poller.register(second, READ);
      poller.register(third, WRITE);
      raise(first);
      assertReady(poller, [[first, READ]]);
      // What happens to the table between two waits does not reach back into the ready set.
      poller.modify(first, WRITE);
      poller.unregister(third);
      poller.register(third, WRITE);
      poller.unregister(first);
      assert.equal(poller.readyFds[0], first);
      assert.equal(poller.readyEvents[0], READ);
      lower(first);
      poller.register(first, READ);
      raise(second);
      assertReady(poller, [[second, READ]]);
      lower(second);
      lower(third);
      assertReady(poller, [[third, WRITE]]);
      raise(third, 2n ** 64n - 2n);
      assertSilent(poller);
    },
  },
  {
    line: 20,
    title: 'reports every one of many ready fds, however few it takes at once',
    run(bench: Workbench) {
      for (const [most, room] of [
        [70, 16],
        [5000, 256],
        [5000, undefined],
      ] as const) {
        const poller = bench.poller({ ...(room !== undefined && { room }) });
        const fds = bench.eventfds(most, poller);
        for (const fd of fds) poller.register(fd, WRITE);
        const seen = new Set<number>();
        // A poller with its own idea of room may start small and double it: 13 doublings are more than 5000.
        let waits = 13;
        for (let wait = 0; wait < waits; wait++) {
          const ready = readySet(poller);
          if (wait === 0 && ready.size === room) waits = Math.ceil(fds.length / room) + 1;
          for (const [fd, events] of ready) {
            assert.equal(events, WRITE);
            seen.add(fd);
          }
        }
        assert.equal(seen.size, fds.length, `after ${waits} waits`);
        if (room === undefined && poller.capabilities.trigger === 'level') {
          assert.equal(poller.wait(0), fds.length);
        }
        poller.close();
        for (const fd of fds) bench.close(fd);
      }
    },
  },
  {
    line: 21,
    title: 'returns nothing when a signal interrupts it',
    skip: ({ blocks }) =>
      blocks ? undefined : 'it never blocks, so there is no system call that a signal could interrupt',
    async run(bench: Workbench) {
      const poller = bench.poller();
      poller.register(bench.eventfd(), READ);
      let handled = () => {};
      const signalled = new Promise<void>((resolve) => {
        handled = resolve;
      });
      process.on('SIGUSR2', handled);
      try {
        // More than one, in case this process is so late that the first comes before the wait.
        bench.shell(`for i in 1 2 3 4 5 6 7 8 9; do sleep 0.05; kill -USR2 ${process.pid}; done`);
        const waitedMs = elapsedMs(() => assert.equal(poller.wait(60_000), 0));
        assert.ok(waitedMs < 30_000, `${waitedMs} ms`);
        await signalled;
        const fd = bench.raisedEventfd();
        poller.register(fd, READ);
        assertReady(poller, [[fd, READ]]);
      } finally {
        await bench.endShells();
        process.off('SIGUSR2', handled);
      }
    },
  },
];
