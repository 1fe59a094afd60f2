import assert from 'node:assert/strict';
import { receive, send } from '../../pollers/contract/workbench.js';
import { connectToLoopback, limitReceiveTime } from '../../pollers/libc/linux/sockets.js';
import type { IOStream } from './iostream.js';
import { type Closed, StreamError } from './outcomes.js';
import { CRLF, END_OF_HEAD, textOf } from './testing/bytes.js';
import { onEveryPoller } from './testing/every-poller.js';
import { never, result } from './testing/reads.js';

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
