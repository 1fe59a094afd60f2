import assert from 'node:assert/strict';
import { raise } from '../../pollers/contract/workbench.js';
import { SyscallError } from '../../pollers/libc/call.js';
import { close, isOpen } from '../../pollers/libc/linux/files.js';
import { connectTo, listenOnLoopback, openTcpSocket } from '../../pollers/libc/linux/sockets.js';
import type { IOStream } from './iostream.js';
import { Listener } from './listener.js';
import { WRITTEN } from './outcomes.js';
import { textOf } from './testing/bytes.js';
import { type Net, onEveryPoller } from './testing/every-poller.js';

/** Whoever closes an fd that is not his is wrong; his neighbours shall hear of it once, and the loop shall not spin. */

const RUN_MS = 20;
/** A loop that spins makes thousands of turns in that time; this one has nothing to do but to wait for its end. */
const MOST_TURNS = 20;
const EINVAL = 22;

const codeOf = (error: unknown): unknown => (error instanceof SyscallError ? error.code : error);

/** Whether the poller itself notices; epoll forgets a file with its last fd, without a word. */
const sees = (net: Net): boolean => !net.poller.capabilities.registersBySyscall;

/** The same of an fd that is closed before the first wait that it is watched in, when some hand it to the kernel. */
const seesAtOnce = (net: Net): boolean => sees(net) || !net.poller.capabilities.refusesAtRegister;

function runQuietly(net: Net): void {
  const { turns } = net.loop.counters;
  net.runFor(RUN_MS);
  const made = net.loop.counters.turns - turns;
  assert.ok(made <= MOST_TURNS, `${made} turns`);
}

function diary(stream: IOStream) {
  const told: string[] = [];
  stream.setCloseCallback(() => told.push('close'));
  const written = (outcome: unknown) => told.push(outcome === WRITTEN ? 'written' : 'write CLOSED');
  return { told, written };
}

onEveryPoller('S31', 'a reader whose fd was closed elsewhere is closed with EBADF, once', (net) => {
  const [stream] = net.pair();
  const { told } = diary(stream);
  stream.readSome((bytes) => told.push(textOf(bytes)));
  net.runFor(1);
  close(stream.fd);
  runQuietly(net);
  assert.equal(stream.closed, sees(net));
  // Whoever was not told by its poller is told by the kernel.
  if (!stream.closed) stream.write(Buffer.from('x'));
  runQuietly(net);
  assert.deepEqual(told, ['CLOSED', 'close']);
  assert.equal(codeOf(stream.error), 'EBADF');
});

onEveryPoller('S31', 'so is a writer that waits for room', (net) => {
  const [stream] = net.pair();
  const { told, written } = diary(stream);
  stream.write(Buffer.alloc(2 ** 22), written);
  assert.ok(stream.queuedBytes > 0);
  net.runFor(1);
  close(stream.fd);
  runQuietly(net);
  assert.equal(stream.closed, sees(net));
  if (!stream.closed) stream.readSome((bytes) => told.push(textOf(bytes)));
  runQuietly(net);
  const reader = sees(net) ? [] : ['CLOSED'];
  assert.deepEqual(told, ['write CLOSED', ...reader, 'close']);
  assert.equal(codeOf(stream.error), 'EBADF');
});

onEveryPoller('S31', 'so is one that connects, and one that both reads and writes', (net) => {
  const listener = listenOnLoopback();
  const connecting = net.stream(openTcpSocket());
  const first = diary(connecting);
  connecting.connect('127.0.0.1', listener.port, () => assert.fail('connected'));

  const [busy] = net.pair();
  const second = diary(busy);
  busy.readSome((bytes) => second.told.push(textOf(bytes)));
  busy.write(Buffer.alloc(2 ** 22), second.written);
  // Only now, or the number of one would be the other's.
  for (const { fd } of [connecting, busy, listener]) close(fd);
  runQuietly(net);
  for (const [stream, { told }] of [
    [connecting, first],
    [busy, second],
  ] as const) {
    assert.equal(stream.closed, seesAtOnce(net));
    stream.close();
    runQuietly(net);
    assert.equal(told.filter((what) => what === 'close').length, 1);
    assert.equal(codeOf(stream.error), 'EBADF');
  }
});

onEveryPoller('S31', 'its owner may close it all the same, and hears why', (net) => {
  const [stream] = net.pair();
  const { told } = diary(stream);
  stream.readSome((bytes) => told.push(textOf(bytes)));
  close(stream.fd);
  stream.close();
  runQuietly(net);
  assert.deepEqual(told, ['CLOSED', 'close']);
  assert.equal(codeOf(stream.error), 'EBADF');
});

onEveryPoller('S31', 'another file that has the number by now is left alone', (net) => {
  const [stream] = net.pair();
  const { told } = diary(stream);
  stream.readSome((bytes) => told.push(textOf(bytes)));
  net.runFor(1);
  close(stream.fd);
  const taken = net.bench.moveTo(net.bench.eventfd(), stream.fd);
  raise(taken);
  runQuietly(net);
  if (!stream.closed) stream.write(Buffer.from('12345678'));
  runQuietly(net);
  assert.deepEqual(told, ['CLOSED', 'close']);
  assert.equal(codeOf(stream.error), 'ENOTSOCK');
  assert.ok(isOpen(taken));
});

/** The codes that went to the loop's error sink since the last call. */
const takeErrors = (net: Net): unknown[] => net.errors.splice(0).map(({ error }) => codeOf(error));

onEveryPoller(
  'S31',
  'a listener whose socket was closed elsewhere closes, and the sink hears of it once',
  (net) => {
    const { fd } = listenOnLoopback();
    const listener = new Listener(net.loop, fd, () => true);
    listener.start();
    net.runFor(1);
    close(fd);
    runQuietly(net);
    assert.deepEqual(takeErrors(net), sees(net) ? ['EBADF'] : []);
    assert.equal(listener.isClosed, sees(net));
    listener.close();
    assert.ok(listener.isClosed);
  },
);

onEveryPoller('S31', 'so does one whose socket accepts no more', (net) => {
  const { fd, port } = listenOnLoopback();
  const listener = new Listener(net.loop, fd, () => true, {
    accept: () => {
      throw new SyscallError('accept4', EINVAL, fd);
    },
  });
  listener.start();
  connectTo(net.bench.own(openTcpSocket()), '127.0.0.1', port);
  runQuietly(net);
  assert.deepEqual(takeErrors(net), ['EINVAL']);
  assert.ok(listener.isClosed);
  assert.ok(!isOpen(fd));
});
