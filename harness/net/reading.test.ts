import assert from 'node:assert/strict';
import { fill, receive, send } from '../../pollers/contract/workbench.js';
import { threadCpuNs } from '../../pollers/libc/linux/clock.js';
import { WOULD_BLOCK, write } from '../../pollers/libc/linux/files.js';
import { connectToLoopback, limitReceiveTime } from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import type { IOStream } from './iostream.js';
import { CLOSED, type Closed, StreamError } from './outcomes.js';
import { CRLF, END_OF_HEAD, pattern, textOf } from './testing/bytes.js';
import { type Net, onEveryPoller } from './testing/every-poller.js';

const KIB = 1024;
const never = (): never => assert.fail('a callback ran that must not');

/** Issues a read and runs the loop until it completes. */
function result(net: Net, read: (callback: (bytes: Buffer | Closed) => void) => void): string {
  const texts: string[] = [];
  read((bytes) => texts.push(textOf(bytes)));
  assert.equal(texts.length, 0, 'the callback ran on the stack of the read');
  net.until(() => texts.length > 0, 'the read');
  return texts[0] as string;
}

onEveryPoller('S1', 'readUntil takes no more than the delimiter, from segments of one byte', (net) => {
  const [stream, peer] = net.pair();
  const segments = [...'ab\r\n'];
  net.eachTurn(() => {
    send(peer, segments.shift() as string);
    return segments.length > 0;
  });
  assert.equal(
    result(net, (done) => stream.readUntil(CRLF, done)),
    'ab\r\n',
  );
  send(peer, 'xy\r\ncd');
  assert.equal(
    result(net, (done) => stream.readUntil(CRLF, done)),
    'xy\r\n',
  );
  assert.equal(stream.bufferedBytes, 2);
  assert.equal(
    result(net, (done) => stream.readBytes(2, done)),
    'cd',
  );
  assert.equal(stream.bufferedBytes, 0);
});

onEveryPoller('S2', 'a delimiter is found wherever it is split', (net) => {
  const [stream, peer] = net.pair();
  const message = 'head\r\n\r\n';
  for (let split = 1; split < message.length; split++) {
    let text = '';
    stream.readUntil(END_OF_HEAD, (bytes) => {
      text = textOf(bytes);
    });
    send(peer, message.slice(0, split));
    net.until(() => stream.bufferedBytes === split, 'the first part');
    assert.equal(text, '');
    send(peer, message.slice(split));
    net.until(() => text !== '', `the delimiter after byte ${split}`);
    assert.equal(text, message);
  }
});

onEveryPoller('S3', 'a read of what is buffered completes in the next turn without the poller', (net) => {
  const [stream, peer] = net.pair();
  send(peer, 'a\r\nb\r\n');
  assert.equal(
    result(net, (done) => stream.readUntil(CRLF, done)),
    'a\r\n',
  );
  let calls = 0;
  for (const method of ['register', 'modify', 'unregister', 'wait'] as const) {
    const original = net.poller[method].bind(net.poller) as (...args: number[]) => number;
    Object.assign(net.poller, {
      [method]: (...args: number[]) => {
        calls++;
        return original(...args);
      },
    });
  }
  let text = '';
  stream.readUntil(CRLF, (bytes) => {
    text = `${textOf(bytes)} after ${calls} calls`;
    net.loop.stop();
  });
  assert.equal(text, '');
  net.loop.start();
  assert.equal(text, 'b\r\n after 0 calls');
});

onEveryPoller('S3', 'a thousand requests that have come at once cost no wait for each', (net) => {
  const [stream, peer] = net.pair();
  const requests = 1000;
  let answered = 0;
  const next = (): void => {
    if (++answered < requests) stream.readUntil(CRLF, next);
  };
  send(peer, 'GET\r\n'.repeat(requests));
  stream.readUntil(CRLF, next);
  const { turns } = net.loop.counters;
  net.until(() => answered === requests, 'every request');
  assert.ok(net.loop.counters.turns - turns < requests / 10, `${net.loop.counters.turns - turns} turns`);
});

onEveryPoller('S10', 'a reader of what has come does not keep others from their turn', (net) => {
  const [busy, much] = net.pair();
  const [other, little] = net.pair();
  let [read, readWhenOtherCame] = [0, 0];
  const next = (): void => {
    read++;
    busy.readUntil(CRLF, next);
  };
  send(much, 'x\r\n'.repeat(5000));
  send(little, 'y');
  busy.readUntil(CRLF, next);
  let heard = '';
  other.readSome((bytes) => {
    heard = textOf(bytes);
    readWhenOtherCame = read;
  });
  net.until(() => read === 5000, 'all');
  assert.equal(heard, 'y');
  assert.ok(readWhenOtherCame < 100, `after ${readWhenOtherCame} requests of the other`);
});

onEveryPoller('S4', 'readBytes(0) gives an empty result', (net) => {
  const [stream] = net.pair();
  assert.equal(
    result(net, (done) => stream.readBytes(0, done)),
    '',
  );
});

onEveryPoller('S5', 'a second read throws ALREADY_READING, and the first goes on', (net) => {
  const [stream, peer] = net.pair();
  let text = '';
  stream.readBytes(2, (bytes) => {
    text = textOf(bytes);
  });
  const second = [
    () => stream.readBytes(1, never),
    () => stream.readUntil(CRLF, never),
    () => stream.readSome(never),
    () => stream.readUntilClose(never),
  ];
  for (const read of second) {
    assert.throws(read, (error) => error instanceof StreamError && error.code === 'ALREADY_READING');
  }
  send(peer, 'ab');
  net.until(() => text !== '');
  assert.equal(text, 'ab');
});

for (const [what, sent] of [
  ['never comes', '123456'],
  ['comes late', 'abcdef'],
] as const) {
  onEveryPoller('S6', `a delimiter that ${what} closes the stream as unsatisfiable`, (net) => {
    const [stream, peer] = net.pair();
    send(peer, sent);
    assert.equal(
      result(net, (done) => stream.readUntil(Buffer.from('def'), done, 5)),
      'CLOSED',
    );
    assert.ok(stream.error instanceof StreamError && stream.error.code === 'UNSATISFIABLE');

    const [inline, inlinePeer] = net.pair();
    send(inlinePeer, `x${sent}`);
    assert.equal(
      result(net, (done) => inline.readBytes(1, done)),
      'x',
    );
    assert.equal(
      result(net, (done) => inline.readUntil(Buffer.from('def'), done, 5)),
      'CLOSED',
    );
    assert.ok(inline.error instanceof StreamError && inline.error.code === 'UNSATISFIABLE');

    const [just, justPeer] = net.pair();
    send(justPeer, 'abcdef');
    assert.equal(
      result(net, (done) => just.readUntil(Buffer.from('def'), done, 6)),
      'abcdef',
    );
  });
}

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

onEveryPoller('S24', 'a receive that a signal interrupts is repeated', async (net) => {
  // The kernel interrupts only what sleeps: a socket that blocks, with a limit, or the signal handler restarts it.
  const listener = net.serve(() => {});
  const client = connectToLoopback(listener.port);
  limitReceiveTime(client, 2000);
  const stream: IOStream = net.stream(client, { maxBufferBytes: 10 });
  let served: IOStream | undefined;
  Object.assign(listener.server, { handleStream: (accepted: IOStream) => (served = accepted) });
  net.until(() => served !== undefined);
  const handler = () => {};
  process.on('SIGUSR2', handler);
  const texts: string[] = [];
  const next = (bytes: Buffer | Closed): void => {
    texts.push(textOf(bytes));
    if (texts.length === 2) return;
    // The first came whole, so that the stream asks for more at once, and sleeps.
    net.bench.shell(
      `sleep 0.1; kill -USR2 ${process.pid}; sleep 0.1; kill -USR2 ${process.pid}; sleep 0.1; printf abcdefghij`,
      (served as IOStream).fd,
    );
    stream.readBytes(10, next);
  };
  (served as IOStream).write(Buffer.from('0123456789'));
  stream.readBytes(10, next);
  net.until(() => texts.length === 2);
  assert.deepEqual(texts, ['0123456789', 'abcdefghij']);
  assert.equal(stream.error, undefined);
  (served as IOStream).close();
  await net.bench.endShells();
  process.off('SIGUSR2', handler);
});

onEveryPoller('S25', 'after close() in a read callback no further read callback runs', (net) => {
  const [stream, peer] = net.pair();
  const told: string[] = [];
  stream.setCloseCallback(() => told.push('closed'));
  send(peer, 'a\r\nb\r\nc\r\n');
  stream.readUntil(CRLF, (bytes) => {
    told.push(textOf(bytes));
    stream.close();
    assert.throws(() => stream.readUntil(CRLF, never), StreamError);
  });
  net.until(() => told.includes('closed'));
  net.runFor(5);
  assert.deepEqual(told, ['a\r\n', 'closed']);
  assert.equal(receive(peer), '');
});
