import assert from 'node:assert/strict';
import { lower, openFds, raise, send } from '../../pollers/contract/workbench.js';
import { SyscallError } from '../../pollers/libc/call.js';
import { close, closesOnExec, isOpen, read, WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import {
  accept,
  connectToLoopback,
  listenOn,
  localAddress,
  resetOnClose,
  reusesAddress,
  sendsAtOnce,
} from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import { READ } from '../../pollers/poller.js';
import type { IOStream } from './iostream.js';
import { CRLF, textOf } from './testing/bytes.js';
import { assertServed, connect, echoLines, untilEnded } from './testing/echo.js';
import { onEveryPoller } from './testing/every-poller.js';

const ECONNABORTED = 103;

onEveryPoller('T1', 'port 0 becomes a real port that can be read; SO_REUSEADDR is set', (net) => {
  const { server, port } = net.serve((stream) => stream.close());
  assert.ok(port > 0);
  const bound = server.bind(0);
  assert.deepEqual(server.addresses, [
    { host: '127.0.0.1', port },
    { host: '127.0.0.1', port: bound },
  ]);
  const fd = listenOn('127.0.0.1', 0);
  assert.ok(reusesAddress(fd));
  server.addSockets([fd]);
  assert.ok(server.addresses.some((address) => address.port === localAddress(fd).port));
  // The server closes first: its port stays in TIME_WAIT, and is free for the next server all the same.
  const client = connect(net, port);
  net.until(() => server.accepted === 1);
  untilEnded(net, client);
  net.bench.close(client);
  server.stop();
  assert.equal(net.server((stream) => stream.close()).listen(port), port);
});

onEveryPoller('T1', 'bind and start: what is bound is served from start on', (net) => {
  const server = net.server(echoLines);
  const ports = [server.bind(0), server.bind(0)];
  const early = connect(net, ports[0] as number);
  net.runFor(10);
  assert.equal(server.accepted, 0);
  server.start();
  for (const port of ports) assertServed(net, port);
  net.bench.close(early);
});

onEveryPoller('T2', 'of 500 that wait, at most a batch is accepted before others have their turn', (net) => {
  const other = net.bench.eventfd();
  const counts: number[] = [];
  const { server, port } = net.serve((stream) => stream.close());
  for (let i = 0; i < 500; i++) connect(net, port);
  raise(other);
  net.loop.addHandler(
    other,
    () => {
      counts.push(server.accepted);
      lower(other);
      raise(other);
    },
    READ,
  );
  net.until(() => server.accepted === 500);
  let before = 0;
  for (const count of counts) {
    assert.ok(count - before <= 128, `${count - before} accepted in a row`);
    before = count;
  }
  assert.ok(counts.filter((count) => count < 500).length >= 3);
});

onEveryPoller('T3', 'a client that has reset is accepted; its first read is ECONNRESET', (net) => {
  const streams: IOStream[] = [];
  const { port } = net.serve((stream) => {
    streams.push(stream);
    stream.readSome(() => {});
  });
  const client = connect(net, port);
  net.bench.reset(client);
  net.until(() => streams[0]?.closed === true);
  const [{ error }] = streams as [IOStream];
  assert.ok(error instanceof SyscallError && error.code === 'ECONNRESET');
});

onEveryPoller('T3', 'ECONNABORTED is skipped', (net) => {
  let calls = 0;
  const { server, port } = net.serve(echoLines, {
    accept: (fd) => {
      if (calls++ % 2 === 0) throw new SyscallError('accept4', ECONNABORTED, fd);
      return accept(fd);
    },
  });
  assertServed(net, port);
  assertServed(net, port);
  assert.equal(server.shed, 0);
});

onEveryPoller('T6', 'accepted sockets do not block, close on exec, and have TCP_NODELAY if wished', (net) => {
  for (const noDelay of [undefined, true, false]) {
    const streams: IOStream[] = [];
    const { server, port } = net.serve(
      (stream) => streams.push(stream),
      noDelay === undefined ? {} : { noDelay },
    );
    connect(net, port);
    net.until(() => streams.length > 0);
    const { fd } = streams[0] as IOStream;
    assert.equal(read(fd, allocate(8).address, 8), WOULD_BLOCK);
    assert.ok(closesOnExec(fd));
    assert.equal(sendsAtOnce(fd), noDelay ?? true);
    server.stop();
  }
});

onEveryPoller(
  'T7',
  'handleStream throws: that connection is closed, one report, the server goes on',
  (net) => {
    let calls = 0;
    const boom = new Error('boom');
    const { port } = net.serve((stream) => {
      if (calls++ === 1) throw boom;
      echoLines(stream);
    });
    const clients = [1, 2, 3].map(() => connect(net, port));
    net.until(() => calls === 3 && net.errors.length > 0);
    assert.deepEqual(
      net.errors.splice(0).map(({ error }) => error),
      [boom],
    );
    untilEnded(net, clients[1] as number);
    assertServed(net, port);
  },
);

onEveryPoller('T8', 'stop() in handleStream: no more of the batch, no EBADF', (net) => {
  let calls = 0;
  const { port, server } = net.serve((_stream, itself) => {
    calls++;
    itself.stop();
  });
  for (let i = 0; i < 5; i++) connect(net, port);
  net.until(() => calls > 0);
  net.runFor(20);
  assert.equal(calls, 1);
  assert.equal(server.accepted, 1);
  assert.throws(() => connectToLoopback(port), { code: 'ECONNREFUSED' });
});

onEveryPoller('T9', 'stop() twice is one stop; open streams go on', (net) => {
  const { server, port } = net.serve(echoLines);
  const client = net.stream(connectToLoopback(port));
  net.until(() => server.accepted === 1);
  const listening = openFds().length;
  server.stop();
  assert.equal(openFds().length, listening - 2);
  const next = net.bench.eventfd();
  server.stop();
  assert.ok(isOpen(next));
  let answer = '';
  client.write(Buffer.from('still\r\n'));
  client.readUntil(CRLF, (bytes) => {
    answer = textOf(bytes);
  });
  net.until(() => answer === 'still\r\n');
});

onEveryPoller('T10', 'a port in use: EADDRINUSE, with the address in the message', (net) => {
  const { port } = net.serve(echoLines);
  const before = openFds();
  for (const method of ['listen', 'bind'] as const) {
    assert.throws(
      () => net.server(echoLines)[method](port, '127.0.0.1'),
      (error: Error & { code?: string }) =>
        error.code === 'EADDRINUSE' && error.message.includes(`127.0.0.1:${port}`),
    );
  }
  assert.throws(() => net.server(echoLines).listen(0, 'nonsense'), RangeError);
  assert.throws(() => net.server(echoLines).listen(65_536), RangeError);
  assert.deepEqual(openFds(), before);
});

onEveryPoller('T11', 'after 10 000 connects and closes no fd is left', (net) => {
  let closed = 0;
  const { server, port } = net.serve((stream) => {
    stream.setCloseCallback(() => closed++);
    echoLines(stream);
  });
  const before = openFds().length;
  for (let round = 1; round <= 100; round++) {
    for (let i = 0; i < 100; i++) {
      const client = connectToLoopback(port);
      if (i % 2 === 0) send(client, 'x\r\n');
      if (i % 3 === 0) resetOnClose(client);
      close(client);
    }
    net.until(() => closed === round * 100);
  }
  assert.equal(server.accepted, 10_000);
  assert.equal(server.shed, 0);
  assert.equal(openFds().length, before);
});
