import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receive, send } from '../../pollers/contract/workbench.js';
import { READ, WRITE } from '../../pollers/poller.js';
import { fail, fakeLoop, ignore } from './testing/fake-loop.js';
import { needsSleep, onEveryPoller, roomForFds } from './testing/on-every-poller.js';

test('a loop counts its turns, events, fds examined and system calls, and lets others add theirs', () => {
  const { loop, poller } = fakeLoop();
  const writes = loop.counters.syscall('write');
  loop.addHandler(7, ignore, READ);
  loop.addHandler(
    8,
    () => {
      writes.count += 2;
      loop.updateHandler(7, WRITE);
      loop.removeHandler(7);
      loop.removeHandler(7);
      loop.stop();
    },
    READ,
  );
  poller.planReady([7, READ]);
  poller.planReady([7, READ], [8, READ]);
  loop.start();
  assert.equal(loop.counters.syscall('write'), writes);
  assert.deepEqual(loop.counters.snapshot(), {
    turns: 2,
    blockingTurns: 2,
    sleptTurns: loop.counters.sleptTurns,
    events: 3,
    fdsExamined: 3,
    brokenPipes: 0,
    errors: 0,
    syscalls: { wait: 2, register: 2, modify: 1, unregister: 1, write: 2 },
  });
});

onEveryPoller(
  'turns that slept are counted, those that could not are not',
  ({ loop }) => {
    let left = 20;
    let sleptMeanwhile = 0;
    const again = () => {
      if (--left > 0) loop.callLater(2, again);
      else {
        sleptMeanwhile = loop.counters.sleptTurns;
        loop.stop();
      }
    };
    loop.callLater(2, again);
    loop.start();
    // On a busy machine a timer may be due before its wait, or its time be over before the wait sleeps.
    const { turns, blockingTurns } = loop.counters;
    assert.ok(turns >= 5 && turns <= 20, `${turns} turns`);
    assert.ok(blockingTurns <= turns);
    assert.ok(sleptMeanwhile >= turns / 2 && sleptMeanwhile <= turns, `${sleptMeanwhile} of ${turns} slept`);

    left = 2000;
    const spin = () => {
      if (--left > 0) loop.addCallback(spin);
      else loop.stop();
    };
    loop.addCallback(spin);
    loop.start();
    assert.equal(loop.counters.blockingTurns, blockingTurns);
    assert.ok(loop.counters.sleptTurns <= turns);
  },
  needsSleep,
);

onEveryPoller(
  'L28 a loop with 10 000 timers and as many fds makes no turn in a second',
  ({ loop, bench }) => {
    const fds = roomForFds(loop.capabilities, 10_000);
    for (let i = 0; i < fds; i++) loop.addHandler(bench.eventfd(), fail('a handler'), READ);
    for (let i = 0; i < 10_000; i++) loop.callLater(60_000 + i, fail('a timer'));
    const startMs = loop.time();
    loop.callLater(1000, () => loop.stop());
    loop.start();
    assert.ok(loop.time() - startMs >= 1000);
    // One wait, of a second, unless a busy machine let the second pass before it.
    assert.ok(loop.counters.turns <= 1, `${loop.counters.turns} turns`);
    assert.equal(loop.counters.events, 0);
  },
);

onEveryPoller(
  'a handler that leaves something unread is called again; a one-shot fd is armed anew for that, which is counted',
  ({ loop, bench, poller }) => {
    const [reader, writer] = bench.pair();
    send(writer, '123');
    let heard = '';
    loop.addHandler(
      reader,
      () => {
        heard += receive(reader, 1);
        if (heard.length === 3) loop.stop();
      },
      READ,
    );
    loop.start();
    assert.equal(heard, '123');
    const { modify = 0 } = loop.counters.snapshot().syscalls;
    assert.equal(modify, poller.capabilities.trigger === 'oneshot' ? 3 : 0);
  },
  ({ trigger }) =>
    trigger === 'edge' ? 'edge-triggered: what is left unread is not reported again' : undefined,
);

onEveryPoller(
  'a one-shot fd whose handler arms it itself is not armed twice, and one that its handler removes not at all',
  ({ loop, bench }) => {
    const [armed, removed] = [bench.raisedEventfd(), bench.raisedEventfd()];
    let calls = 0;
    loop.addHandler(
      armed,
      () => {
        loop.updateHandler(armed, READ);
        if (++calls === 3) loop.stop();
      },
      READ,
    );
    loop.addHandler(removed, () => loop.removeHandler(removed), READ);
    loop.start();
    assert.equal(loop.counters.snapshot().syscalls.modify, 3);
  },
  ({ registersBySyscall }) => (registersBySyscall ? undefined : 'its modifications are no system calls'),
);
