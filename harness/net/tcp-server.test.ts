import assert from 'node:assert/strict';
import { lower, openFds, raise, receive, send } from '../../pollers/contract/workbench.js';
import { SyscallError } from '../../pollers/libc/call.js';
import {
  close,
  closesOnExec,
  eventfd,
  isOpen,
  read,
  setNonBlocking,
  WOULD_BLOCK,
} from '../../pollers/libc/linux/files.js';
import { fdLimit, setSoftFdLimit } from '../../pollers/libc/linux/process.js';
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
import { Listener } from './listener.js';
import { CLOSED } from './outcomes.js';
import { CRLF, textOf } from './testing/bytes.js';
import { type Net, onEveryPoller } from './testing/every-poller.js';

const ECONNABORTED = 103;
const buffer = allocate(64);

/** Answers every line with itself. */
function echoLines(stream: IOStream): void {
  const answer = (bytes: Buffer | typeof CLOSED): void => {
    if (bytes === CLOSED) return;
    stream.write(bytes);
    stream.readUntil(CRLF, answer);
  };
  stream.readUntil(CRLF, answer);
}

function connect(net: Net, port: number): number {
  const fd = net.bench.own(connectToLoopback(port));
  setNonBlocking(fd);
  return fd;
}

/** Waits until a client reads end of file. */
function untilEnded(net: Net, client: number): void {
  net.until(() => read(client, buffer.address, 8) === 0, 'the end of the connection');
}

/** Whether somebody at the port answers. The client is closed again. */
function assertServed(net: Net, port: number): void {
  const client = net.stream(connectToLoopback(port));
  let answer = '';
  client.write(Buffer.from('hello\r\n'));
  client.readUntil(CRLF, (bytes) => {
    answer = textOf(bytes);
  });
  net.until(() => answer !== '', 'the answer');
  assert.equal(answer, 'hello\r\n');
  client.close();
}

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

/** Runs `body` with room for no more than `free` fds; the process is given its limit back. */
function withFreeFds(net: Net, free: number, body: (give: () => void) => void): void {
  const { soft } = fdLimit();
  const taken: number[] = [];
  const give = () => {
    while (taken.length > 0) net.bench.close(taken.pop() as number);
    setSoftFdLimit(soft);
  };
  setSoftFdLimit(Math.max(...openFds()) + 40);
  try {
    for (;;) taken.push(net.bench.own(eventfd()));
  } catch (error) {
    if (!(error instanceof SyscallError && error.code === 'EMFILE')) throw error;
  }
  for (let i = 0; i < free; i++) net.bench.close(taken.pop() as number);
  try {
    body(give);
  } finally {
    give();
  }
}

onEveryPoller('T4', 'at the limit of fds whoever waits is turned away, and the others are served', (net) => {
  const { server, port } = net.serve(echoLines);
  // Made before: a client needs an fd as well.
  const clients = Array.from({ length: 5 }, () => connect(net, port));
  withFreeFds(net, 2, () => {
    net.until(() => server.shed === 3);
    assert.equal(server.accepted, 2);
    const { events } = net.loop.counters;
    net.runFor(30);
    assert.ok(net.loop.counters.events - events <= 2, 'the listener spins');
    send(clients[0] as number, 'on\r\n');
    net.until(() => isAnswered(clients[0] as number));
    // Turned away means told so, and not left waiting.
    untilEnded(net, clients[4] as number);
  });
  assertServed(net, port);
  assert.equal(server.shed, 3);
});

const isAnswered = (fd: number): boolean => receive(fd) === 'on\r\n';

onEveryPoller('T5', 'without even a reserve the listener pauses, at no cost, and comes back', (net) => {
  const fd = listenOn('127.0.0.1', 0);
  const { port } = localAddress(fd);
  const accepted: number[] = [];
  const listener = new Listener(net.loop, fd, (client) => accepted.push(client) > 0, { pauseMs: 20 });
  listener.start();
  const client = connect(net, port);
  const { soft } = fdLimit();
  // Below every number in use: not even what was just closed can be opened again.
  setSoftFdLimit(1);
  try {
    net.until(() => listener.isPaused);
    const { events, turns } = net.loop.counters;
    net.runFor(100);
    assert.equal(net.loop.counters.events, events);
    // One for each attempt after a pause of 20 ms, and the last.
    const made = net.loop.counters.turns - turns;
    assert.ok(made <= 8, `${made} turns in 100 ms`);
    assert.ok(listener.isPaused);
    assert.equal(accepted.length, 0);
  } finally {
    setSoftFdLimit(soft);
  }
  net.until(() => accepted.length === 1, 'the one that waited');
  assert.ok(!listener.isPaused);
  // The reserve is back too.
  const before = openFds().length;
  listener.close();
  assert.equal(openFds().length, before - 2);
  close(accepted[0] as number);
  net.bench.close(client);
});

onEveryPoller(
  'T4',
  'a connection whose fd the poller refuses is shed',
  (net) => {
    const { server, port } = net.serve(echoLines);
    const { maxFd } = net.poller.capabilities;
    const filler: number[] = [];
    const refused = connect(net, port);
    while ((filler.at(-1) ?? 0) < maxFd) filler.push(net.bench.eventfd());
    net.until(() => server.shed === 1);
    untilEnded(net, refused);
    for (const fd of filler) net.bench.close(fd);
    assertServed(net, port);
  },
  ({ maxFd }) => (maxFd >= fdLimit().soft ? 'takes every fd that this process may open' : undefined),
);

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
    assert.equal(read(fd, buffer.address, 8), WOULD_BLOCK);
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
