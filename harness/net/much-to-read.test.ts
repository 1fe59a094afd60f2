import assert from 'node:assert/strict';
import { fill, send } from '../../pollers/contract/workbench.js';
import { threadCpuNs } from '../../pollers/libc/linux/clock.js';
import { WOULD_BLOCK, write } from '../../pollers/libc/linux/files.js';
import { allocate } from '../../pollers/libc/memory.js';
import { CLOSED, type Closed } from './outcomes.js';
import { END_OF_HEAD, pattern, textOf } from './testing/bytes.js';
import { onEveryPoller } from './testing/every-poller.js';
import { never, result } from './testing/reads.js';

/** More than a stream keeps, or more than a turn takes. */

const KIB = 1024;

onEveryPoller('S7', 'a line of 4 MiB in pieces of 1 KiB costs linear time', (net) => {
  const [stream, peer] = net.pair();
  const piece = '\r'.repeat(KIB);
  const cpuNsOf = (pieces: number): number => {
    let left = pieces;
    let length = 0;
    net.eachTurn(() => {
      send(peer, left-- === 0 ? '\r\n\r\n' : piece);
      return left >= 0;
    });
    const startNs = threadCpuNs();
    stream.readUntil(END_OF_HEAD, (bytes) => {
      length = (bytes as Buffer).length;
      net.loop.stop();
    });
    net.loop.start();
    assert.equal(length, pieces * KIB + 4);
    return threadCpuNs() - startNs;
  };
  cpuNsOf(256);
  const ratios: number[] = [];
  // Linear makes it 4, quadratic 16; a busy neighbour may spoil one try.
  do ratios.push(cpuNsOf(4096) / cpuNsOf(1024));
  while ((ratios.at(-1) as number) > 8 && ratios.length < 3);
  assert.ok((ratios.at(-1) as number) <= 8, `4 times the bytes cost ${ratios} times the CPU`);
});

onEveryPoller('S8', 'the read buffer keeps to its limit, and everything arrives', (net) => {
  const limit = 10 * KIB;
  const [stream, peer] = net.pair({ maxBufferBytes: limit });
  const sent = pattern(100 * KIB);
  const memory = allocate(sent.length);
  Buffer.from(memory.buffer).set(sent);
  assert.equal(write(peer, memory.address, sent.length), sent.length);
  const parts: Buffer[] = [];
  let most = 0;
  const next = (bytes: Buffer | Closed): void => {
    assert.ok(bytes !== CLOSED);
    most = Math.max(most, stream.bufferedBytes + bytes.length);
    parts.push(Buffer.from(bytes));
    if (parts.length < 100) stream.readBytes(KIB, next);
  };
  stream.readBytes(KIB, next);
  net.until(() => parts.length === 100);
  assert.ok(Buffer.concat(parts).equals(sent));
  assert.ok(most <= limit, `${most} bytes were kept`);
  assert.throws(() => stream.readBytes(limit + 1, never), RangeError);
});

onEveryPoller('S9', 'with no read pending the loop does not spin, and the peer is stopped', (net) => {
  const [stream, peer] = net.pair();
  send(peer, 'x');
  assert.equal(
    result(net, (done) => stream.readBytes(1, done)),
    'x',
  );
  fill(peer);
  const { events } = net.loop.counters;
  net.runFor(50);
  assert.ok(net.loop.counters.events - events <= 2, `${net.loop.counters.events - events} events`);
  assert.equal(stream.bufferedBytes, 0);
  assert.equal(write(peer, allocate(8).address, 8), WOULD_BLOCK);
  // And whoever asks again gets it.
  assert.equal(result(net, (done) => stream.readBytes(3 * KIB, done)).length, 3 * KIB);
});

onEveryPoller('S10', 'endless data: 32 receives and it is the turn of others; nothing is lost', (net) => {
  const room = 16;
  const [stream, peer] = net.pair({ maxBufferBytes: room });
  const piece = '0123456789abcdef';
  const receives = net.loop.counters.syscall('recv');
  let atStart = 0;
  let most = 0;
  let pieces = 0;
  const endless = 1000;
  const next = (bytes: Buffer | Closed): void => {
    assert.equal(textOf(bytes), piece);
    most = Math.max(most, receives.count - atStart);
    pieces++;
    if (pieces < endless) send(peer, piece);
    if (pieces < endless + 100) stream.readBytes(room, next);
  };
  // Others had their turn when the loop has waited, or has come to this stream's own callback.
  const { poller } = net;
  const wait = poller.wait.bind(poller);
  const resume = stream.resume.bind(stream);
  const startingAnew =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      const result = call(...args);
      atStart = receives.count;
      return result;
    };
  poller.wait = startingAnew(wait);
  stream.resume = () => startingAnew(() => {})() ?? resume();
  send(peer, piece.repeat(101));
  stream.readBytes(room, next);
  net.until(() => pieces === endless + 100, 'the last piece');
  assert.equal(most, 32);
});
