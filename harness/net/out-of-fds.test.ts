import assert from 'node:assert/strict';
import { openFds, receive, send } from '../../pollers/contract/workbench.js';
import { SyscallError } from '../../pollers/libc/call.js';
import { close, eventfd } from '../../pollers/libc/linux/files.js';
import { fdLimit, setSoftFdLimit } from '../../pollers/libc/linux/process.js';
import { listenOn, localAddress } from '../../pollers/libc/linux/sockets.js';
import { Listener } from './listener.js';
import { assertServed, connect, echoLines, untilEnded } from './testing/echo.js';
import { type Net, onEveryPoller } from './testing/every-poller.js';

/** Listeners where no fd is left, or none that their poller takes. */

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
