import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower, raise, Workbench } from '../../pollers/contract/workbench.js';
import { fdLimit } from '../../pollers/libc/linux/process.js';
import { createPoller, loadedPollers } from '../../pollers/loaded.js';
import type { PollerName } from '../../pollers/manifest.js';
import { type Poller, READ, WRITE } from '../../pollers/poller.js';
import { LoopError } from './errors.js';
import { IOLoop } from './ioloop.js';
import { fail, rethrow } from './testing/fake-loop.js';

/** Live registrations that move from one poller to another. */

const names = loadedPollers;

const capabilitiesOf = (name: PollerName) => {
  const poller = createPoller(name);
  poller.close();
  return poller.capabilities;
};
const levelTriggered = names.filter((name) => capabilitiesOf(name).trigger === 'level');
const pairs = levelTriggered.flatMap((from) => levelTriggered.map((to) => [from, to] as const));

async function withLoop(
  name: PollerName,
  body: (loop: IOLoop, bench: Workbench, poller: Poller) => void,
): Promise<void> {
  const poller = createPoller(name);
  const bench = new Workbench({ name, create: () => createPoller(name) });
  const loop = new IOLoop({ poller, onError: rethrow });
  try {
    body(loop, bench, poller);
  } finally {
    loop.close();
    await bench.clear();
  }
}

/** Runs until nothing has happened for a moment. */
function settle(loop: IOLoop): void {
  const { turns } = loop.counters;
  // On a busy machine the time may be over before the first wait.
  const stopAfterWaits = () => {
    if (loop.counters.turns >= turns + 2) loop.stop();
    else loop.callLater(5, stopAfterWaits);
  };
  loop.callLater(5, stopAfterWaits);
  loop.start();
}

for (const [from, to] of pairs) {
  test(`what ${from} watches moves to ${to}, with its interest and with what is ready`, () =>
    withLoop(from, (loop, bench, before) => {
      const [quiet, ready, writable, removed] = [
        bench.eventfd(),
        bench.raisedEventfd(),
        bench.eventfd(),
        bench.raisedEventfd(),
      ];
      const seen: [number, number][] = [];
      const drain = (fd: number, events: number) => {
        seen.push([fd, events]);
        lower(fd);
      };
      loop.addHandler(quiet, drain, READ);
      loop.addHandler(ready, drain, READ);
      loop.addHandler(removed, fail('a removed handler'), READ);
      loop.removeHandler(removed);
      loop.addHandler(writable, fail('the handler without its interest'), READ);
      loop.updateHandler(writable, WRITE);
      loop.updateHandler(writable, READ);
      const after = createPoller(to);
      loop.usePoller(after);
      assert.equal(after.size, 3);
      assert.throws(() => before.wait(0), /closed/);
      settle(loop);
      assert.deepEqual(seen, [[ready, READ]]);
      raise(quiet);
      settle(loop);
      assert.deepEqual(seen, [
        [ready, READ],
        [quiet, READ],
      ]);
      loop.removeHandler(quiet);
      raise(quiet);
      settle(loop);
      assert.equal(seen.length, 2);
    }));

  test(`a loop that runs changes from ${from} to ${to} inside a handler, and its counters go on`, () =>
    withLoop(from, (loop, bench) => {
      const [first, second] = [bench.raisedEventfd(), bench.eventfd()];
      loop.addHandler(
        first,
        (fd) => {
          lower(fd);
          loop.usePoller(createPoller(to));
          raise(second);
        },
        READ,
      );
      loop.addHandler(second, () => loop.stop(), READ);
      loop.start();
      const { turns, events, syscalls } = loop.counters.snapshot();
      assert.equal(events, 2);
      assert.ok(turns >= 2);
      const inKernel = [from, to].filter((name) => capabilitiesOf(name).registersBySyscall).length;
      assert.equal(syscalls.register ?? 0, 2 * inKernel);
    }));
}

for (const from of levelTriggered.filter((name) => capabilitiesOf(name).maxFd > 1023)) {
  test(`${from} stays when select has no room for one of its fds`, (t) =>
    withLoop(from, (loop, bench) => {
      if (fdLimit().soft < 1100) {
        t.skip('the limit of fds does not reach fd 1 024');
        return;
      }
      const low = bench.eventfd();
      const high = bench.moveTo(bench.eventfd(), 1024);
      let calls = 0;
      for (const fd of [low, high]) {
        loop.addHandler(
          fd,
          () => {
            calls++;
            lower(fd);
          },
          READ,
        );
      }
      const select = createPoller('select');
      assert.throws(() => loop.usePoller(select), { code: 'FD_TOO_LARGE' });
      assert.throws(() => select.wait(0), /closed/);
      raise(low);
      raise(high);
      settle(loop);
      assert.equal(calls, 2);
    }));
}

test('a poller of another trigger is refused, and the old one stays', () =>
  withLoop('epoll', (loop, bench) => {
    const fd = bench.eventfd();
    let calls = 0;
    loop.addHandler(
      fd,
      () => {
        calls++;
        lower(fd);
      },
      READ,
    );
    assert.throws(
      () => loop.usePoller(createPoller('epoll-et')),
      (error) => error instanceof LoopError && error.code === 'OTHER_TRIGGER',
    );
    raise(fd);
    settle(loop);
    assert.equal(calls, 1);
  }));

test('a closed loop takes no poller, and none that is refused stays open', () => {
  const loop = new IOLoop({ poller: createPoller('poll') });
  loop.close();
  const poller = createPoller('poll');
  assert.throws(() => loop.usePoller(poller), { code: 'CLOSED' });
  assert.equal(poller.size, 0);
  poller.close();
});
