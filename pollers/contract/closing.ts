import assert from 'node:assert/strict';
import { ERROR, isPollerError, type Poller, READ, WRITE } from '../poller.js';
import type { Line } from './line.js';
import { closesOnExec, isOpen, monotonicNs } from './system.js';
import { assertReady, assertSilent, openFds, raise, rearm, type Workbench } from './workbench.js';

/** The fds that an action opened and left open. */
function openedBy(action: () => void): number[] {
  const before = new Set(openFds());
  action();
  return openFds().filter((fd) => !before.has(fd));
}

/** A poller that spins returns at once from every wait; one that does not, from about one. */
function waitsWithin(poller: Poller, spanMs: number): number {
  const deadline = monotonicNs() + spanMs * 1e6;
  let waits = 0;
  for (let leftMs = spanMs; leftMs > 0; leftMs = (deadline - monotonicNs()) / 1e6) {
    assert.equal(poller.wait(leftMs), 0, 'something was reported');
    waits++;
  }
  return waits;
}

export const closing: readonly Line[] = [
  {
    line: 22,
    title: 'serves the others when an fd was closed without unregister',
    run(bench: Workbench) {
      const poller = bench.poller();
      const { registersBySyscall, refusesAtRegister, reportsErrors } = poller.capabilities;
      // Else it is asked about for the first time when it is closed already.
      const wasKnown = registersBySyscall && refusesAtRegister;
      const [fd, alsoClosed, other] = [bench.eventfd(), bench.eventfd(), bench.raisedEventfd()] as const;
      poller.register(fd, READ);
      poller.register(alsoClosed, WRITE);
      poller.register(other, READ);
      bench.close(fd);
      bench.close(alsoClosed);
      const closed: [number, number][] = wasKnown
        ? []
        : [
            [fd, ERROR],
            [alsoClosed, ERROR],
          ];
      assertReady(poller, [...closed, [other, READ]]);
      raise(other);
      rearm(poller, other);
      if (!wasKnown && !reportsErrors) {
        // The call fails as a whole as long as a closed fd is in its set, so the poller has dropped them.
        assert.equal(poller.size, 1);
        assert.equal(poller.interestOf(fd), 0);
        assertReady(poller, [[other, READ]]);
      } else {
        assert.equal(poller.size, 3);
        assertReady(poller, [...closed, [other, READ]]);
        poller.unregister(fd);
        poller.unregister(alsoClosed);
      }
      poller.unregister(other);
      assertSilent(poller);
    },
  },
  {
    line: 23,
    title: 'lets a closed fd be unregistered',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.eventfd();
      poller.register(fd, READ);
      bench.close(fd);
      poller.unregister(fd);
      assert.equal(poller.size, 0);
      assert.equal(poller.interestOf(fd), 0);
      assertSilent(poller);
    },
  },
  {
    line: 24,
    title: 'lets an fd be unregistered whose number another file has taken',
    run(bench: Workbench) {
      const poller = bench.poller();
      // epoll_ctl knows three answers here: ENOENT, EPERM for a regular file, EBADF for nothing at all.
      for (const another of [() => bench.eventfd(), () => bench.regularFile()]) {
        const fd = bench.eventfd();
        poller.register(fd, READ);
        bench.close(fd);
        bench.moveTo(another(), fd);
        poller.unregister(fd);
        assert.equal(poller.size, 0);
        bench.close(fd);
        bench.moveTo(bench.raisedEventfd(), fd);
        poller.register(fd, WRITE);
        assertReady(poller, [[fd, WRITE]]);
        poller.unregister(fd);
      }
      // Unregistered too late, and a duplicate of the old file comes back at the old number: for epoll it never left.
      const [fd] = bench.pipe();
      poller.register(fd, WRITE);
      const duplicate = bench.duplicate(fd);
      bench.close(fd);
      poller.unregister(fd);
      bench.moveTo(duplicate, fd);
      poller.register(fd, READ);
      assertSilent(poller);
      assert.equal(poller.interestOf(fd), READ);
    },
  },
  {
    line: 25,
    title: 'refuses a reused number whose old file was not unregistered',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.eventfd();
      poller.register(fd, READ);
      bench.close(fd);
      bench.moveTo(bench.eventfd(), fd);
      assert.throws(
        () => poller.register(fd, WRITE),
        (error) => isPollerError(error) && error.code === 'ALREADY_REGISTERED',
      );
      assert.equal(poller.interestOf(fd), READ);
    },
  },
  {
    line: 26,
    title: 'neither reports nor spins on a file that lives on in a duplicate',
    run(bench: Workbench) {
      const watched = (poller: Poller) => {
        const fd = bench.eventfd();
        poller.register(fd, READ);
        return { fd, duplicate: bench.duplicate(fd) };
      };
      const orderly = (poller: Poller) => {
        const { fd, duplicate } = watched(poller);
        poller.unregister(fd);
        bench.close(fd);
        return duplicate;
      };
      const tooLate = (poller: Poller) => {
        const { fd, duplicate } = watched(poller);
        bench.close(fd);
        poller.unregister(fd);
        return duplicate;
      };
      const tooLateAndReused = (poller: Poller) => {
        const { fd, duplicate } = watched(poller);
        bench.close(fd);
        poller.unregister(fd);
        poller.register(bench.moveTo(bench.eventfd(), fd), READ);
        return duplicate;
      };
      for (const leave of [orderly, tooLate, tooLateAndReused]) {
        const poller = bench.poller();
        const live = bench.eventfd();
        poller.register(live, READ);
        const duplicate = leave(poller);
        raise(duplicate);
        const opened = openedBy(() => {
          const waits = waitsWithin(poller, 70);
          // One that the stale event cuts short, one or two for the time, which the clocks cut differently.
          assert.ok(waits <= 4, `${leave.name}: ${waits} waits within 70 ms`);
        });
        assert.deepEqual(opened, []);
        raise(live);
        assertReady(poller, [[live, READ]]);
      }
    },
  },
  {
    line: 27,
    title: 'closes its own fd and nothing else',
    run(bench: Workbench) {
      const fd = bench.raisedEventfd();
      let poller: Poller | undefined;
      const left = openedBy(() => {
        poller = bench.poller();
        poller.register(fd, READ);
        poller.wait(0);
        poller.close();
      });
      assert.deepEqual(left, []);
      assert.ok(isOpen(fd));
      const closed = poller as Poller;
      for (const call of [
        () => closed.register(fd, READ),
        () => closed.modify(fd, READ),
        () => closed.unregister(fd),
        () => closed.wait(0),
        () => closed.wait(null),
      ]) {
        assert.throws(call, (error) => isPollerError(error) && error.code === 'CLOSED');
      }
      assert.equal(closed.size, 0);
      assert.equal(closed.interestOf(fd), 0);
      // A second close must not hit whoever got the number meanwhile.
      const successors = Array.from({ length: 4 }, () => bench.eventfd());
      closed.close();
      for (const successor of successors) assert.ok(isOpen(successor));
    },
  },
  {
    line: 28,
    title: 'leaves no fd behind after 1000 lives',
    run(bench: Workbench) {
      const fd = bench.raisedEventfd();
      const left = openedBy(() => {
        for (let life = 0; life < 1000; life++) {
          const poller = bench.poller();
          poller.register(fd, READ);
          assert.equal(poller.wait(0), 1);
          poller.close();
        }
      });
      assert.deepEqual(left, []);
    },
  },
  {
    line: 29,
    title: 'keeps its own fd from programs that are started',
    run(bench: Workbench) {
      let poller: Poller | undefined;
      const own = openedBy(() => {
        poller = bench.poller();
      });
      assert.equal(own.length > 0, (poller as Poller).capabilities.ownsFd);
      for (const fd of own) assert.ok(closesOnExec(fd), `fd ${fd}`);
    },
  },
];
