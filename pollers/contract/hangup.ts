import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { ERROR, type Interest, isSyscallError, READ, WRITE } from '../poller.js';
import type { Line } from './line.js';
import { shutdownWrite, takeSocketError } from './system.js';
import {
  assertReady,
  assertRequested,
  assertSilent,
  fill,
  fillForGood,
  rearm,
  receive,
  send,
  untilReady,
  type Workbench,
} from './workbench.js';

const { ECONNREFUSED } = constants.errno;

const connectionReset = (error: unknown) => isSyscallError(error) && error.code === 'ECONNRESET';

export const hangup: readonly Line[] = [
  {
    line: 30,
    title: 'reports READ when the peer half-closes, closes or resets',
    run(bench: Workbench) {
      const poller = bench.poller();
      const ends = {
        halfClose: (peer: number) => shutdownWrite(peer),
        close: (peer: number) => bench.close(peer),
        reset: (peer: number) => bench.reset(peer),
      };
      for (const [how, end] of Object.entries(ends)) {
        const [fd, peer] = bench.tcp();
        poller.register(fd, READ);
        assertSilent(poller);
        end(peer);
        untilReady(poller, fd, READ);
        if (how === 'reset') assert.throws(() => receive(fd), connectionReset);
        else assert.equal(receive(fd), '');
        poller.unregister(fd);
      }
    },
  },
  {
    line: 31,
    title: 'reports WRITE to one who only writes when the peer resets',
    run(bench: Workbench) {
      const poller = bench.poller();
      const [fd, peer] = bench.tcp();
      poller.register(fd, WRITE);
      fillForGood(poller, fd);
      bench.reset(peer);
      untilReady(poller, fd, WRITE);
      assert.throws(() => send(fd, 'x'), isSyscallError);
    },
  },
  {
    line: 32,
    title: 'reports READ on a pipe until data and end of file are consumed',
    run(bench: Workbench) {
      const poller = bench.poller();
      const level = poller.capabilities.trigger === 'level';
      for (const data of ['', 'data']) {
        const [reader, writer] = bench.pipe();
        if (data) send(writer, data);
        poller.register(reader, READ);
        bench.close(writer);
        // The kernel says HUP without IN when no data is left.
        assertReady(poller, [[reader, READ]]);
        if (data) assert.equal(receive(reader), data);
        if (level) assertReady(poller, [[reader, READ]]);
        assert.equal(receive(reader), '');
        poller.unregister(reader);
        assertSilent(poller);
      }
    },
  },
  {
    line: 33,
    title: 'lets data be read before the end',
    run(bench: Workbench) {
      const poller = bench.poller();
      for (const how of ['close', 'reset'] as const) {
        const [fd, peer] = bench.tcp();
        poller.register(fd, READ);
        send(peer, 'last words');
        untilReady(poller, fd, READ);
        bench[how](peer);
        rearm(poller, fd);
        // Under an edge the end is a new event, so this waits until it has arrived; under level it may be early.
        untilReady(poller, fd, READ);
        assert.equal(receive(fd), 'last words');
        if (poller.capabilities.trigger === 'level') untilReady(poller, fd, READ);
        if (how === 'close') assert.equal(receive(fd), '');
        else assert.throws(() => receive(fd), connectionReset);
        poller.unregister(fd);
      }
    },
  },
  {
    line: 34,
    title: 'reports a refused connection to one who waits to write',
    run(bench: Workbench) {
      const poller = bench.poller();
      const fd = bench.refusedConnection();
      poller.register(fd, WRITE);
      const events = untilReady(poller, fd, WRITE);
      assert.equal(events & READ, 0);
      assert.equal(takeSocketError(fd), ECONNREFUSED);
    },
  },
  {
    line: 35,
    title: 'reports ERROR with a reset if it can see errors, and never if it cannot',
    run(bench: Workbench) {
      const poller = bench.poller();
      const { reportsErrors, trigger } = poller.capabilities;
      for (const interest of [READ, WRITE, READ | WRITE] as Interest[]) {
        const [fd, peer] = bench.tcp();
        poller.register(fd, interest);
        fillForGood(poller, fd);
        bench.reset(peer);
        const events = untilReady(poller, fd, interest);
        assert.equal(events, reportsErrors ? interest | ERROR : interest);
        assert.throws(() => receive(fd), connectionReset);
        // The error was taken, the hang-up stays: a level-triggered poller goes on with the requested bits.
        if (trigger === 'level') assert.equal(untilReady(poller, fd, interest), interest);
        poller.unregister(fd);
      }
      const [readEnd, writeEnd] = bench.pipe();
      fill(writeEnd);
      poller.register(writeEnd, WRITE);
      bench.close(readEnd);
      const events = untilReady(poller, writeEnd, WRITE);
      assertRequested(events, WRITE);
      assert.equal(events, reportsErrors ? WRITE | ERROR : WRITE);
    },
  },
];
