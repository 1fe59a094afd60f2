import assert from 'node:assert/strict';
import {
  type Interest,
  isPollerError,
  isSyscallError,
  type PollerErrorCode,
  READ,
  WRITE,
} from '../poller.js';
import type { Line } from './line.js';
import { assertReady, assertSilent, raise, rearm, receive, send, type Workbench } from './workbench.js';

const misuse = (code: PollerErrorCode) => (error: unknown) => isPollerError(error) && error.code === code;

const refused = (code: string) => (error: unknown) => isSyscallError(error) && error.code === code;

export const registration: readonly Line[] = [
  {
    line: 1,
    title: 'lists a registered fd with its interest',
    run(bench: Workbench) {
      const poller = bench.poller();
      const [fd, other] = bench.pair();
      assert.equal(poller.size, 0);
      assert.equal(poller.interestOf(fd), 0);
      poller.register(fd, READ);
      assert.equal(poller.size, 1);
      assert.equal(poller.interestOf(fd), READ);
      assert.equal(poller.interestOf(other), 0);
    },
  },
  {
    line: 2,
    title: 'refuses what is no fd or no interest before any system call',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.raisedEventfd();
      poller.register(fd, READ);
      for (const wrong of [-1, Number.NaN, 1.5, 2 ** 31, Number.POSITIVE_INFINITY]) {
        assert.throws(() => poller.register(wrong, READ), misuse('INVALID_FD'));
        assert.equal(poller.interestOf(wrong), 0);
      }
      // A closed fd: had the kernel been asked, it would have said EBADF.
      const closed = bench.closedFd();
      for (const wrong of [0, 4, 5, 8, -1, 1.5, Number.NaN]) {
        assert.throws(() => poller.register(closed, wrong as Interest), misuse('INVALID_INTEREST'));
        assert.throws(() => poller.modify(fd, wrong as Interest), misuse('INVALID_INTEREST'));
        assert.equal(poller.interestOf(closed), 0);
      }
      assert.equal(poller.size, 1);
      assert.equal(poller.interestOf(fd), READ);
      assertReady(poller, [[fd, READ]]);
    },
  },
  {
    line: 3,
    title: 'refuses to register twice and keeps the first registration',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.raisedEventfd();
      poller.register(fd, READ);
      assert.throws(() => poller.register(fd, WRITE), misuse('ALREADY_REGISTERED'));
      assert.equal(poller.size, 1);
      assert.equal(poller.interestOf(fd), READ);
      assertReady(poller, [[fd, READ]]);
    },
  },
  {
    line: 4,
    title: 'refuses to modify or unregister what is not registered',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.eventfd();
      const assertUnknown = (unknown: number) => {
        assert.throws(() => poller.modify(unknown, READ), misuse('NOT_REGISTERED'));
        assert.throws(() => poller.unregister(unknown), misuse('NOT_REGISTERED'));
      };
      assertUnknown(fd);
      assertUnknown(100_000);
      assertUnknown(-1);
      poller.register(fd, READ);
      poller.unregister(fd);
      assertUnknown(fd);
      assert.equal(poller.size, 0);
    },
  },
  {
    line: 5,
    title: 'refuses a closed fd if it asks the kernel there, else finds it out when it waits',
    run(bench: Workbench) {
      const poller = bench.poller();
      const closed = bench.closedFd();
      if (!poller.capabilities.refusesAtRegister) {
        poller.register(closed, READ);
        assert.equal(poller.interestOf(closed), READ);
        poller.unregister(closed);
      } else {
        assert.throws(() => poller.register(closed, READ), refused('EBADF'));
      }
      assert.equal(poller.size, 0);
      assert.equal(poller.interestOf(closed), 0);
      bench.moveTo(bench.raisedEventfd(), closed);
      poller.register(closed, READ);
      assertReady(poller, [[closed, READ]]);
    },
  },
  {
    line: 6,
    title: 'refuses a regular file with EPERM, or reports it always ready',
    run(bench: Workbench) {
      const poller = bench.poller();
      const file = bench.regularFile();
      if (poller.capabilities.watchesRegularFiles) {
        poller.register(file, (READ | WRITE) as Interest);
        assertReady(poller, [[file, READ | WRITE]]);
        assertReady(poller, [[file, READ | WRITE]]);
      } else {
        assert.throws(() => poller.register(file, READ), refused('EPERM'));
        assert.equal(poller.size, 0);
        assert.equal(poller.interestOf(file), 0);
      }
    },
  },
  {
    line: 7,
    title: 'forgets an fd whose modification the kernel refuses',
    skip: ({ refusesAtRegister }) =>
      refusesAtRegister ? undefined : 'modify makes no system call of its own that could fail',
    run(bench: Workbench) {
      const poller = bench.poller();
      for (const code of ['EBADF', 'ENOENT']) {
        const fd = bench.eventfd();
        poller.register(fd, READ);
        bench.close(fd);
        if (code === 'ENOENT') bench.moveTo(bench.eventfd(), fd);
        assert.throws(() => poller.modify(fd, WRITE), refused(code));
        assert.equal(poller.size, 0);
        assert.equal(poller.interestOf(fd), 0);
        if (code === 'EBADF') bench.moveTo(bench.eventfd(), fd);
        poller.register(fd, WRITE);
        assertReady(poller, [[fd, WRITE]]);
        poller.unregister(fd);
      }
    },
  },
  {
    line: 8,
    title: 'replaces the interest when it is modified',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.raisedEventfd();
      poller.register(fd, READ);
      assertReady(poller, [[fd, READ]]);
      poller.modify(fd, WRITE);
      assert.equal(poller.interestOf(fd), WRITE);
      assertReady(poller, [[fd, WRITE]]);
      poller.modify(fd, (READ | WRITE) as Interest);
      assertReady(poller, [[fd, READ | WRITE]]);
      poller.modify(fd, READ);
      assertReady(poller, [[fd, READ]]);
      assert.equal(poller.size, 1);
      // Readable and not writable: had READ only been masked, every wait would return at once for nothing.
      const full = bench.fullEventfd();
      poller.register(full, READ);
      poller.modify(full, WRITE);
      poller.unregister(fd);
      assertSilent(poller);
    },
  },
  {
    line: 9,
    title: 'reports an fd that was registered anew once',
    run(bench: Workbench) {
      const poller = bench.poller();
      const [reader, writer] = bench.pipe();
      poller.register(reader, READ);
      poller.unregister(reader);
      poller.register(reader, READ);
      send(writer, 'x');
      assertReady(poller, [[reader, READ]]);
      assert.equal(receive(reader), 'x');
      poller.unregister(reader);
      send(writer, 'y');
      assertSilent(poller);
      assert.equal(poller.fdsExamined, 0, 'it is still watched');
      poller.register(reader, READ);
      assertReady(poller, [[reader, READ]]);
    },
  },
  {
    line: 10,
    title: 'reports an fd that two pollers watch in both',
    run(bench: Workbench) {
      const one = bench.poller();
      const other = bench.poller();
      const fd = bench.eventfd();
      one.register(fd, READ);
      other.register(fd, READ);
      raise(fd);
      assertReady(one, [[fd, READ]]);
      assertReady(other, [[fd, READ]]);
      one.unregister(fd);
      rearm(other, fd);
      raise(fd);
      assertSilent(one);
      assertReady(other, [[fd, READ]]);
    },
  },
];
