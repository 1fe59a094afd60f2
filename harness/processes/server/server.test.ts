import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import { SelectPoller } from '../../../pollers/select.js';
import { until } from '../../testing/until.js';
import { startServer } from '../control/parent.js';
import { FIXED_REPLY } from './apps/fixed.js';
import type { AppName } from './protocol.js';

/** Servers as processes, under every poller, seen from outside. */

const DEADLINE_MS = 60_000;
const names = loadedPollers;

const capabilitiesOf = (name: PollerName) => {
  const poller = createPoller(name);
  poller.close();
  return poller.capabilities;
};

type Server = ReturnType<typeof startServer>;

async function withServer(
  poller: PollerName,
  app: AppName,
  use: (server: Server, port: number) => Promise<void>,
) {
  const server = startServer();
  try {
    const ask = { poller, app, host: '127.0.0.1', port: 0, cpu: null, fileTable: 'private' } as const;
    const { port } = await server.request('start', ask, DEADLINE_MS);
    await use(server, port);
  } finally {
    await server.end();
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** What comes back for these bytes, of which this many are expected. */
async function exchange(socket: Socket, bytes: string | Buffer, expected: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let count = 0;
  const all = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      count += chunk.length;
      if (count >= expected) resolve();
    });
    socket.once('close', () => reject(new Error(`closed after ${count} of ${expected} bytes`)));
  });
  socket.write(bytes);
  await all;
  socket.removeAllListeners('data').removeAllListeners('close');
  return Buffer.concat(chunks);
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

for (const poller of names) {
  for (const app of ['fixed', 'http'] as const) testRequests(poller, app);

  test(`echo on ${poller} gives a megabyte back, byte by byte the same`, () =>
    withServer(poller, 'echo', async (_server, port) => {
      const socket = await open(port);
      const sent = Buffer.from(Uint8Array.from({ length: 2 ** 20 }, (_, index) => (index * 31) >> 3));
      assert.ok((await exchange(socket, sent, sent.length)).equals(sent));
      socket.destroy();
    }));
}

/** Both apps give the same bytes, for the same system calls. */
function testRequests(poller: PollerName, app: 'fixed' | 'http'): void {
  test(`${app} on ${poller} answers whole, split and pipelined requests with the same bytes`, () =>
    withServer(poller, app, async (_server, port) => {
      const socket = await open(port);
      assert.deepEqual(await exchange(socket, REQUEST, FIXED_REPLY.length), FIXED_REPLY);
      for (const byte of REQUEST.slice(0, -1)) {
        socket.write(byte);
        await sleep(1);
      }
      assert.deepEqual(await exchange(socket, REQUEST.slice(-1), FIXED_REPLY.length), FIXED_REPLY);
      const many = await exchange(socket, REQUEST.repeat(100), 100 * FIXED_REPLY.length);
      assert.deepEqual(many, Buffer.concat(Array.from({ length: 100 }, () => FIXED_REPLY)));
      socket.destroy();
    }));

  test(`X2 ${app} on ${poller}: an idle server with many connections makes no system call in a second`, (t) => {
    if (!capabilitiesOf(poller).blocks) {
      t.skip('it never blocks: asking all the time is what it does');
      return;
    }
    const many = capabilitiesOf(poller).maxFd < 2000 ? 900 : 1000;
    return withServer(poller, app, async (server, port) => {
      const sockets = await Promise.all(Array.from({ length: many }, () => open(port)));
      await until(
        async () => (await server.request('snapshot', {}, DEADLINE_MS)).accepted === many,
        `${many} connections`,
      );
      // What V8 has to tidy up after the start is no business of the loop's, and over at some time.
      await until(async () => {
        const before = wakeUps(server.pid);
        await sleep(1000);
        return wakeUps(server.pid) === before;
      }, 'a second without a wake-up');
      for (const socket of sockets) socket.destroy();
    });
  });

  test(`X3 ${app} on ${poller}: a request is one wait, one send, and as many receives as its trigger asks for`, () =>
    withServer(poller, app, async (server, port) => {
      const socket = await open(port);
      await exchange(socket, REQUEST, FIXED_REPLY.length);
      const count = 200;
      const before = (await server.request('snapshot', {}, DEADLINE_MS)).syscalls;
      for (let made = 0; made < count; made++) await exchange(socket, REQUEST, FIXED_REPLY.length);
      const after = (await server.request('snapshot', {}, DEADLINE_MS)).syscalls;
      const made = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
      const about = (name: string, expected: number) =>
        assert.ok(
          Math.abs(made(name) - expected) <= 3,
          `${made(name)} calls of ${name} for ${count} requests`,
        );
      const { trigger, registersBySyscall } = capabilitiesOf(poller);
      about('send', count);
      if (trigger !== 'edge') {
        about('wait', count);
        about('recv', count);
      } else {
        // After each wait that reports it, it receives until there is no more, which takes one receive that finds nothing; a
        // request that comes in time for that one saves the next wait, and a timer ends a wait that reports nothing. How many
        // of either there are is up to whoever else is on the CPU.
        const found = `${made('recv')} calls of recv and ${made('wait')} waits for ${count} requests`;
        assert.ok(made('recv') > count && made('recv') <= count + made('wait') + 3, found);
        assert.ok(made('wait') > 0 && made('wait') < 2 * count, found);
      }
      if (registersBySyscall) for (const name of ['register', 'unregister']) about(name, 0);
      // The loop arms a one-shot fd again, in a call of its own.
      if (registersBySyscall) about('modify', trigger === 'oneshot' ? count : 0);
      socket.destroy();
    }));
}

const wakeUps = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8');
  const [, voluntary, involuntary] =
    /^voluntary_ctxt_switches:\s+(\d+)\nnonvoluntary_ctxt_switches:\s+(\d+)/m.exec(status) ?? [];
  return Number(voluntary) + Number(involuntary);
};

test('a server whose poller has no room for a connection turns it away and serves the others', () =>
  withServer('select', 'fixed', async (server, port) => {
    const { maxFd } = new SelectPoller().capabilities;
    const sockets = await Promise.all(Array.from({ length: maxFd + 20 }, () => open(port)));
    let shed = 0;
    await until(async () => {
      const counts = await server.request('snapshot', {}, DEADLINE_MS);
      shed = counts.shed;
      return counts.accepted + shed >= sockets.length;
    }, 'as many connections as were made');
    assert.ok(shed >= 20, `${shed} turned away`);
    const first = sockets[0] as Socket;
    assert.deepEqual(await exchange(first, REQUEST, FIXED_REPLY.length), FIXED_REPLY);
    for (const socket of sockets) socket.destroy();
  }));

test('live connections move from poller to poller, and each goes on being served', () =>
  withServer('poll', 'fixed', async (server, port) => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(port)));
    const levels = names.filter((name) => capabilitiesOf(name).trigger === 'level');
    for (const poller of [...levels, ...levels.toReversed()]) {
      await server.request('use', { poller }, DEADLINE_MS);
      const replies = await Promise.all(
        sockets.map((socket) => exchange(socket, REQUEST, FIXED_REPLY.length)),
      );
      for (const reply of replies) assert.deepEqual(reply, FIXED_REPLY);
    }
    const { accepted, events } = await server.request('snapshot', {}, DEADLINE_MS);
    assert.equal(accepted, sockets.length);
    assert.ok(events >= 2 * levels.length * sockets.length, 'the counters went on');
    for (const socket of sockets) socket.destroy();
  }));

test('a poller with no room for a connection, or of another trigger, is refused and nothing changes', () =>
  withServer('epoll', 'fixed', async (server, port) => {
    const { maxFd } = capabilitiesOf('select');
    const sockets = await Promise.all(Array.from({ length: maxFd }, () => open(port)));
    const last = sockets.at(-1) as Socket;
    assert.deepEqual(await exchange(last, REQUEST, FIXED_REPLY.length), FIXED_REPLY);
    const use = (poller: PollerName) => server.request('use', { poller }, DEADLINE_MS);
    await assert.rejects(use('select'), /above the largest that fits, 1023/);
    await assert.rejects(use('epoll-et'), /another trigger/);
    assert.deepEqual(await exchange(last, REQUEST, FIXED_REPLY.length), FIXED_REPLY);
    for (const socket of sockets) socket.destroy();
  }));

test('turns that cannot be taken are refused, and the server goes on hearing', () =>
  withServer('epoll', 'fixed', async (server) => {
    await assert.rejects(server.request('takeTurns', { pollers: [], ms: 5 }, DEADLINE_MS), /no poller/);
    assert.ok((await server.request('snapshot', {}, DEADLINE_MS)).turns > 0);
  }));
