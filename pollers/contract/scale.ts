import assert from 'node:assert/strict';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FD_SETSIZE } from '../libc/polling.js';
import {
  type Interest,
  isPollerError,
  isSyscallError,
  type Poller,
  type PollerErrorCode,
  READ,
  WRITE,
} from '../poller.js';
import type { Line } from './line.js';
import { fdLimit, monotonicNs, setSoftFdLimit } from './system.js';
import {
  assertReady,
  assertSilent,
  lower,
  raise,
  random,
  readySet,
  rearm,
  type Workbench,
} from './workbench.js';

const MOST_FDS = 10_000;
/** How many fds above the largest are tried. */
const REFUSED = 64;
const HIGH_FDS = [FD_SETSIZE, 3000, 4096];

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** Waits 10 000 times, or for so long; the active fd is raised anew each time, for those that report an edge. */
function waitOften(poller: Poller, active: number, mostMs: number): number {
  const { readyFds, readyEvents } = poller;
  const deadline = monotonicNs() + mostMs * 1e6;
  let waits = 0;
  for (; waits < 10_000 && monotonicNs() < deadline; waits++) {
    raise(active);
    rearm(poller, active);
    if (poller.wait(0) !== 1 || poller.readyFds[0] !== active) assert.fail('the active fd was not reported');
  }
  assert.ok(poller.readyFds === readyFds && poller.readyEvents === readyEvents, 'the ready set was replaced');
  return waits;
}

/**
 * V8 boxes numbers above 2^31, at 16 bytes each, whenever they are passed: where a process's memory came to lie that high, as it
 * does in one of twenty, those are the addresses of each call. Up to six of them a wait, and what raises and re-arms its fd.
 */
const BOXED_PER_WAIT = 96;
const FRUGAL_WITHIN_MS = 10_000;

function assertFrugal(poller: Poller, active: number, warmUps: number, mostMs: number): void {
  const noise = 64 * 1024;
  let report = '';
  for (let warmUp = 0; warmUp < warmUps; warmUp++) poller.wait(0);
  // Node compiles or reports something now and then, on a busy machine late; what a wait allocates is there every time.
  const deadline = monotonicNs() + FRUGAL_WITHIN_MS * 1e6;
  for (let attempt = 0; attempt < 5 || monotonicNs() < deadline; attempt++) {
    collectGarbage();
    const before = getHeapStatistics().used_heap_size;
    const waits = waitOften(poller, active, mostMs);
    const allocated = getHeapStatistics().used_heap_size - before;
    collectGarbage();
    const kept = getHeapStatistics().used_heap_size - before;
    if (allocated < noise + BOXED_PER_WAIT * waits && kept < noise) return;
    report = `${waits} waits allocated ${allocated} bytes and kept ${kept}`;
  }
  assert.fail(report);
}

/** Registers, modifies or unregisters one fd, rightly or wrongly, in the poller and in the model; both must agree. */
function step(
  poller: Poller,
  model: Map<number, Interest>,
  fd: number,
  dice: number,
  interest: Interest,
): void {
  const attempt = (refusal: PollerErrorCode, action: () => void): boolean => {
    try {
      action();
      return true;
    } catch (error) {
      assert.ok(isPollerError(error) && error.code === refusal, String(error));
      return false;
    }
  };
  const known = model.has(fd);
  if (dice < 0.45) {
    assert.equal(
      attempt('ALREADY_REGISTERED', () => poller.register(fd, interest)),
      !known,
    );
    if (!known) model.set(fd, interest);
  } else if (dice < 0.7) {
    assert.equal(
      attempt('NOT_REGISTERED', () => poller.modify(fd, interest)),
      known,
    );
    if (known) model.set(fd, interest);
  } else {
    assert.equal(
      attempt('NOT_REGISTERED', () => poller.unregister(fd)),
      known,
    );
    model.delete(fd);
  }
  assert.equal(poller.size, model.size);
  assert.equal(poller.interestOf(fd), model.get(fd) ?? 0);
}

export const scale: readonly Line[] = [
  {
    line: 40,
    title: 'refuses an fd above FD_SETSIZE',
    skip: ({ maxFd, fdLimit }) =>
      maxFd >= FD_SETSIZE
        ? `no fd is too large for it up to ${maxFd}`
        : fdLimit <= FD_SETSIZE + REFUSED
          ? `the fd limit of ${fdLimit} allows no such fd`
          : undefined,
    run(bench: Workbench) {
      const poller = bench.poller();
      const { maxFd } = poller.capabilities;
      const last = bench.moveTo(bench.raisedEventfd(), maxFd);
      poller.register(last, (READ | WRITE) as Interest);
      const bytesBefore = poller.userBytes();
      // A bit of these would lie in the next bitmap, where it means a low fd: many of those are open and ready.
      const raised = bench.raisedEventfd();
      for (let fd = maxFd + 1; fd <= maxFd + REFUSED; fd++) bench.duplicate(raised, fd);
      for (let fd = maxFd + 1; fd <= maxFd + REFUSED; fd++) {
        assert.throws(
          () => poller.register(fd, (READ | WRITE) as Interest),
          (error) => isPollerError(error) && error.code === 'FD_TOO_LARGE',
        );
        assert.equal(poller.interestOf(fd), 0);
      }
      assert.equal(poller.size, 1);
      assert.equal(poller.userBytes(), bytesBefore);
      assertReady(poller, [[last, READ | WRITE]]);
      poller.unregister(last);
      assertSilent(poller);
    },
  },
  {
    line: 41,
    title: 'watches fds above FD_SETSIZE',
    skip: ({ maxFd, fdLimit }) =>
      maxFd < Math.max(...HIGH_FDS)
        ? `its largest fd is ${maxFd}, see P40`
        : fdLimit <= Math.max(...HIGH_FDS)
          ? `the fd limit of ${fdLimit} allows no such fd`
          : undefined,
    run(bench: Workbench) {
      const poller = bench.poller();
      const low = bench.raisedEventfd();
      poller.register(low, WRITE);
      const high = HIGH_FDS.map((number) => bench.moveTo(bench.eventfd(), number));
      for (const fd of high) poller.register(fd, READ);
      assertReady(poller, [[low, WRITE]]);
      for (const fd of high) {
        raise(fd);
        poller.modify(low, READ);
        assertReady(poller, [
          [low, READ],
          [fd, READ],
        ]);
        lower(fd);
      }
      for (const fd of high) poller.unregister(fd);
      poller.modify(low, WRITE);
      assertReady(poller, [[low, WRITE]]);
    },
  },
  {
    line: 42,
    title: 'watches as many fds as the process may hold and reports the writable half',
    run(bench: Workbench) {
      const poller = bench.poller();
      const writable = new Map<number, number>();
      let even = false;
      try {
        const fds = bench.eventfds(65_536 - 32, poller, () => {
          even = !even;
          return even ? bench.eventfd() : bench.fullEventfd();
        });
        fds.forEach((fd, index) => {
          if (index % 2 === 0) writable.set(fd, WRITE);
          poller.register(fd, WRITE);
        });
      } catch (error) {
        // ENOSPC: max_user_watches is used up; EMFILE and ENFILE: somebody else took the fds.
        if (isSyscallError(error) && ['ENOSPC', 'EMFILE', 'ENFILE'].includes(error.code)) {
          return { skipped: `the kernel allows no more than ${poller.size} fds here: ${error.message}` };
        }
        throw error;
      }
      const reported = new Map<number, number>();
      // More than one wait only for a poller that has to find out how much room it needs.
      for (let wait = 0; wait < 12 && reported.size < writable.size; wait++) {
        for (const [fd, events] of readySet(poller)) reported.set(fd, events);
      }
      assert.deepEqual(reported, writable);
      return;
    },
  },
  {
    line: 43,
    title: 'agrees with a Map after any sequence of register, modify and unregister',
    run(bench: Workbench) {
      const poller = bench.poller();
      const next = random(43);
      // All are readable and writable, so that one wait shows the table as the kernel sees it.
      const fds = bench.eventfds(MOST_FDS, poller, () => bench.raisedEventfd());
      const any = () => fds[Math.floor(next() * fds.length)] as number;
      const model = new Map<number, Interest>();
      for (let turn = 0; turn < 24_000; turn++) {
        step(poller, model, any(), next(), Math.ceil(next() * 3) as Interest);
        const witness = any();
        assert.equal(poller.interestOf(witness), model.get(witness) ?? 0);
        if (turn % 3000 !== 2999) continue;
        for (const fd of fds) assert.equal(poller.interestOf(fd), model.get(fd) ?? 0);
        if (poller.capabilities.trigger !== 'level') {
          for (const [fd, interest] of model) poller.modify(fd, interest);
        }
        const seen = new Map<number, number>();
        for (let wait = 0; wait < 9 && seen.size < model.size; wait++) {
          for (const [fd, events] of readySet(poller)) seen.set(fd, events);
        }
        assert.deepEqual(seen, model);
      }
    },
  },
  {
    line: 44,
    title: 'allocates nothing that grows with its waits',
    run(bench: Workbench) {
      const poller = bench.poller();
      const active = bench.eventfd();
      poller.register(active, READ);
      const idle = bench.eventfds(MOST_FDS, poller);
      for (const fd of idle.slice(0, 100)) poller.register(fd, READ);
      assertFrugal(poller, active, 500, 500);
      // One that scans takes long with them all, and what it allocates for each of them shows in a few waits.
      for (const fd of idle.slice(100)) poller.register(fd, READ);
      assertFrugal(poller, active, 20, 50);
    },
  },
  {
    line: 45,
    title: 'surfaces EINVAL when it passes more fds than the process may hold',
    skip: ({ call }) =>
      call === 'poll'
        ? undefined
        : 'it does not hand all that it watches to poll(2), which alone counts them',
    run(bench: Workbench) {
      const poller = bench.poller();
      const { soft } = fdLimit();
      const limit = 64;
      // The kernel compares the number before it looks at any fd, so they need not be open.
      for (let fd = 0; fd <= limit; fd++) poller.register(fd, READ);
      try {
        // The limit is the whole process's, but no other JavaScript runs before it is raised again.
        setSoftFdLimit(limit);
        assert.throws(
          () => poller.wait(0),
          (error) => isSyscallError(error) && error.code === 'EINVAL',
        );
        poller.unregister(limit);
        poller.wait(0);
      } finally {
        setSoftFdLimit(soft);
      }
    },
  },
];
