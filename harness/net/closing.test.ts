import assert from 'node:assert/strict';
import { fill, receive, send } from '../../pollers/contract/workbench.js';
import { SyscallError } from '../../pollers/libc/call.js';
import { close, eventfd, isOpen, moveAtLeast, WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { listenOnLoopback, openTcpSocket, shutdownWrite } from '../../pollers/libc/linux/sockets.js';
import type { IOStream } from './iostream.js';
import { closeLingering } from './lingering-close.js';
import { CLOSED, WRITTEN } from './outcomes.js';
import { CRLF, pattern, textOf } from './testing/bytes.js';
import { type Net, onEveryPoller } from './testing/every-poller.js';

const MIB = 2 ** 20;

/** Notes in order what a stream tells. */
function diary(stream: IOStream) {
  const told: string[] = [];
  stream.setCloseCallback(() => told.push('close'));
  const read = (bytes: Buffer | typeof CLOSED) => told.push(textOf(bytes));
  return { told, read };
}

const codeOf = (error: unknown): string => (error instanceof SyscallError ? error.code : String(error));

/** What a peer reads until the end, and the error in place of an end. */
function everything(net: Net, peer: number) {
  const seen = { text: '', end: '' };
  net.until(() => {
    try {
      const part = receive(peer);
      if (part === '') seen.end = 'end';
      else if (part !== WOULD_BLOCK) seen.text += part;
    } catch (error) {
      seen.end = codeOf(error);
    }
    return seen.end !== '';
  });
  return seen;
}

onEveryPoller('S19', 'the peer closes: a pending read gets CLOSED, the close callback comes once', (net) => {
  const [stream, peer] = net.pair();
  const { told, read } = diary(stream);
  stream.readUntil(CRLF, read);
  send(peer, 'unfinished');
  net.until(() => stream.bufferedBytes > 0);
  net.bench.close(peer);
  net.until(() => told.includes('close'));
  net.runFor(5);
  assert.deepEqual(told, ['CLOSED', 'close']);
  assert.ok(stream.closed);
  assert.equal(stream.error, undefined);
});

onEveryPoller('S19', 'readUntilClose returns what it has gathered', (net) => {
  const [stream, peer] = net.pair();
  const { told, read } = diary(stream);
  stream.readUntilClose(read);
  send(peer, 'ab');
  net.until(() => stream.bufferedBytes === 2);
  send(peer, 'cd');
  net.bench.close(peer);
  net.until(() => told.includes('close'));
  assert.deepEqual(told, ['abcd', 'close']);

  const [silent, other] = net.pair();
  const second = diary(silent);
  silent.readUntilClose(second.read);
  net.bench.close(other);
  net.until(() => second.told.includes('close'));
  assert.deepEqual(second.told, ['', 'close']);
});

onEveryPoller('S20', 'what was sent before the close is delivered before the close callback', (net) => {
  // All of it in the read buffer; or most of it still in the kernel.
  for (const maxBufferBytes of [1000, 3]) {
    const [stream, peer] = net.pair({ maxBufferBytes });
    const { told, read } = diary(stream);
    send(peer, 'a\r\nb\r\nc\r\n');
    net.bench.close(peer);
    stream.readUntil(CRLF, read);
    net.until(() => told.length > 0);
    net.runFor(5);
    assert.deepEqual(told, ['a\r\n']);
    assert.ok(!stream.closed);
    stream.readUntil(CRLF, (bytes) => {
      read(bytes);
      stream.readUntil(CRLF, read);
    });
    net.until(() => told.length === 3);
    stream.readUntil(CRLF, read);
    net.until(() => told.includes('close'));
    assert.deepEqual(told, ['a\r\n', 'b\r\n', 'c\r\n', 'CLOSED', 'close']);
  }
});

onEveryPoller(
  'S21',
  'after a half-close our bytes reach the peer, and the stream stays open if it may',
  (net) => {
    const [stream, peer] = net.tcp({ allowHalfOpen: true });
    const { told, read } = diary(stream);
    stream.readSome(read);
    shutdownWrite(peer);
    net.until(() => told.length > 0);
    net.runFor(10);
    assert.deepEqual(told, ['CLOSED']);
    assert.ok(!stream.closed);
    stream.write(Buffer.from('late'));
    stream.shutdown();
    assert.deepEqual(everything(net, peer), { text: 'late', end: 'end' });
    net.until(() => stream.closed, 'the end of the second direction');
    assert.equal(stream.error, undefined);
  },
);

onEveryPoller('S21', 'without that, what is queued goes out and then the stream closes', (net) => {
  const [stream, peer] = net.tcp();
  const { told, read } = diary(stream);
  stream.readUntil(CRLF, (bytes) => {
    read(bytes);
    stream.write(pattern(8 * MIB));
    stream.readUntil(CRLF, read);
  });
  send(peer, 'x\r\n');
  shutdownWrite(peer);
  net.until(() => told.length === 2);
  assert.deepEqual(told, ['x\r\n', 'CLOSED']);
  assert.ok(!stream.closed);
  const { text, end } = everything(net, peer);
  assert.equal(end, 'end');
  assert.equal(text.length, 8 * MIB);
  net.until(() => told.includes('close'));
});

onEveryPoller('S22', 'a reset while reading is ECONNRESET in error, and no error report', (net) => {
  const [stream, peer] = net.tcp();
  const { told, read } = diary(stream);
  stream.readSome(read);
  net.bench.reset(peer);
  net.until(() => told.includes('close'));
  assert.deepEqual(told, ['CLOSED', 'close']);
  assert.equal(codeOf(stream.error), 'ECONNRESET');
});

onEveryPoller('S23', 'a reset while writing is EPIPE or ECONNRESET as a value', (net) => {
  for (const queued of [true, false]) {
    const [stream, peer] = net.tcp();
    const { told } = diary(stream);
    if (queued) stream.write(pattern(16 * MIB), (outcome) => told.push(outcome === CLOSED ? 'CLOSED' : 'x'));
    net.bench.reset(peer);
    // The first write may find the reset, or a second one the broken pipe.
    for (let i = 0; i < 3 && !stream.closed; i++) {
      stream.write(Buffer.from('late'));
      // Its owner does not know yet: no exception for what comes a moment too late.
      stream.write(Buffer.from('later'));
      net.runFor(5);
    }
    net.until(() => told.includes('close'));
    assert.deepEqual(told, queued ? ['CLOSED', 'close'] : ['close']);
    assert.match(codeOf(stream.error), /^(EPIPE|ECONNRESET)$/);
  }
});

onEveryPoller('S26', 'a callback that throws closes its stream with that error, reported once', (net) => {
  const boom = new Error('boom');
  const throwing = () => {
    throw boom;
  };
  const causes: ((stream: IOStream, peer: number) => void)[] = [
    (stream, peer) => {
      stream.readSome(throwing);
      send(peer, 'x');
    },
    (stream) => stream.readBytes(0, throwing),
    (stream) => stream.write(Buffer.from('x'), throwing),
    (stream, peer) => {
      stream.readSome(throwing);
      net.bench.close(peer);
    },
  ];
  for (const cause of causes) {
    const [stream, peer] = net.pair();
    const { told } = diary(stream);
    cause(stream, peer);
    net.until(() => told.includes('close') && net.errors.length > 0);
    net.runFor(2);
    assert.deepEqual(told, ['close']);
    assert.deepEqual(
      net.errors.splice(0).map(({ error }) => error),
      [boom],
    );
    if (isOpen(peer)) assert.equal(stream.error, boom);
  }
});

onEveryPoller('S27', 'close twice: one close of the fd, one close callback', (net) => {
  const [stream] = net.pair();
  const { told } = diary(stream);
  stream.close();
  // Another file takes the number.
  const next = eventfd();
  const taken = next === stream.fd ? next : moveAtLeast(next, stream.fd);
  net.bench.own(taken);
  assert.equal(taken, stream.fd);
  stream.close();
  assert.deepEqual(told, []);
  net.until(() => told.length > 0);
  stream.close();
  net.runFor(5);
  assert.deepEqual(told, ['close']);
  let tellsLater = false;
  stream.setCloseCallback(() => {
    tellsLater = true;
  });
  net.until(() => tellsLater, 'the close callback that was set too late');
  assert.ok(isOpen(taken));
});

onEveryPoller('S28', 'close with something unread resets; a lingering close does not', (net) => {
  const [hasty, hastyPeer] = net.tcp();
  send(hastyPeer, 'unread');
  hasty.write(Buffer.from('answer'));
  hasty.close();
  assert.equal(everything(net, hastyPeer).end, 'ECONNRESET');

  const [stream, peer] = net.tcp();
  const answer = pattern(4 * MIB);
  stream.readSome(() => assert.fail('a read that was taken back'));
  send(peer, 'unread');
  stream.write(answer);
  closeLingering(stream);
  net.runFor(5);
  send(peer, 'more of it');
  const { text, end } = everything(net, peer);
  assert.equal(end, 'end');
  assert.ok(Buffer.from(text, 'latin1').equals(answer));
  assert.ok(!stream.closed);
  net.bench.close(peer);
  net.until(() => stream.closed);
  assert.equal(stream.error, undefined);
});

onEveryPoller('S28', 'a lingering close ends at its limits of time and of bytes', (net) => {
  const [stream] = net.tcp();
  const startMs = net.loop.time();
  closeLingering(stream, { timeoutMs: 20 });
  net.until(() => stream.closed);
  assert.ok(net.loop.time() - startMs >= 20);

  const [flooded, peer] = net.tcp();
  closeLingering(flooded, { maxBytes: 100_000 });
  send(peer, 'x'.repeat(50_000));
  net.runFor(5);
  assert.ok(!flooded.closed);
  send(peer, 'x'.repeat(60_000));
  net.until(() => flooded.closed);
});

onEveryPoller('S29', 'a refused connection: no connect callback, the close callback, ECONNREFUSED', (net) => {
  const listener = listenOnLoopback();
  close(listener.fd);
  const stream = net.stream(openTcpSocket());
  const { told, read } = diary(stream);
  stream.connect('127.0.0.1', listener.port, () => assert.fail('connected'));
  stream.write(Buffer.from('x'), (outcome) => told.push(outcome === WRITTEN ? 'WRITTEN' : 'write CLOSED'));
  stream.readSome(read);
  assert.equal(told.length, 0);
  net.until(() => told.includes('close'));
  assert.deepEqual(told, ['write CLOSED', 'CLOSED', 'close']);
  assert.equal(codeOf(stream.error), 'ECONNREFUSED');
});

onEveryPoller('S18', 'what is issued on a closed stream throws CLOSED', (net) => {
  const [stream, peer] = net.pair();
  fill(peer);
  stream.close();
  for (const call of [
    () => stream.readSome(() => {}),
    () => stream.shutdown(),
    () => stream.connect('127.0.0.1', 1),
  ]) {
    assert.throws(call, { name: 'StreamError', code: 'CLOSED' });
  }
});
