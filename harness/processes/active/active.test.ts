import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { until } from '../../testing/until.js';
import { startActive, startServer } from '../control/parent.js';
import { FIXED_REPLY } from '../server/apps/fixed.js';

/** autocannon as a process, before servers of ours and before rude ones. */

const DEADLINE_MS = 60_000;
const CONNECTIONS = 4;

async function run(port: number, ms: number) {
  const active = startActive();
  try {
    const ask = { host: '127.0.0.1', port, connections: CONNECTIONS, ms, cpu: null };
    return await active.request('run', ask, DEADLINE_MS);
  } finally {
    await active.end();
  }
}

/** Runs before a server in this process that answers the `nth` request of a connection, from 0, in its own way. */
async function runBefore(answer: (socket: Socket, nth: number) => void, ms = 300) {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    let nth = 0;
    socket.on('data', () => answer(socket, nth++));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const report = await run((server.address() as AddressInfo).port, ms);
    return { ...report, accepted: sockets.length };
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

async function startFixed() {
  const server = startServer();
  const { port } = await server.request(
    'start',
    { poller: 'epoll', app: 'fixed', host: '127.0.0.1', port: 0, cpu: null, fileTable: 'private' },
    DEADLINE_MS,
  );
  return { server, port };
}

const polite = (socket: Socket) => socket.write(FIXED_REPLY);

describe('active', { concurrency: 3 }, () => {
  test('it counts every request that the server has answered, and its latencies have fractions', async () => {
    const { server, port } = await startFixed();
    try {
      const { requests, errors, seconds, latencyUs, cpuNs } = await run(port, 500);
      const { syscalls, accepted } = await server.request('snapshot', {}, DEADLINE_MS);
      assert.equal(requests, syscalls.send);
      assert.equal(accepted, CONNECTIONS);
      assert.equal(errors, 0);
      assert.ok(requests > CONNECTIONS && seconds >= 0.5 && cpuNs > 0);
      const { p50, p90, p99, p999, max } = latencyUs;
      const inOrder = [p50, p90, p99, p999, max * 1.001];
      assert.deepEqual(
        inOrder,
        inOrder.toSorted((a, b) => a - b),
      );
      assert.ok(p50 > 0 && p50 % 1000 !== 0, `${p50} us`);
    } finally {
      await server.end();
    }
  });

  test('a server that dies is an error of each connection, at once', async () => {
    const { server, port } = await startFixed();
    const ran = run(port, 10_000);
    // Each has been answered, so that all are at work.
    await until(async () => {
      const { accepted, syscalls } = await server.request('snapshot', {}, DEADLINE_MS);
      return accepted === CONNECTIONS && (syscalls.send ?? 0) > 100;
    }, 'connections at work');
    server.kill();
    const { requests, errors, seconds } = await ran;
    assert.equal(errors, CONNECTIONS);
    assert.ok(requests > CONNECTIONS && seconds < 10, `${requests} requests in ${seconds} s`);
  });

  test('a server that is not there is an error of each connection, and no storm of attempts', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const { requests, errors, latencyUs } = await run(port, 300);
    assert.deepEqual({ requests, errors }, { requests: 0, errors: CONNECTIONS });
    assert.equal(latencyUs.max, 0);
  });

  test('a connection that the server closes or resets is one error, and out', async () => {
    for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const { requests, errors } = await runBefore((socket, nth) => (nth < 3 ? polite(socket) : end(socket)));
      assert.deepEqual({ requests, errors }, { requests: 3 * CONNECTIONS, errors: CONNECTIONS });
    }
  });

  test('a server that falls silent is an error of each connection', async () => {
    const { requests, errors, accepted } = await runBefore((socket, nth) => nth < 3 && polite(socket));
    assert.deepEqual({ requests, errors }, { requests: 3 * CONNECTIONS, errors: CONNECTIONS });
    assert.ok(accepted <= 2 * CONNECTIONS);
  });

  test('answers that are none of 2xx are errors', async () => {
    const busy = FIXED_REPLY.toString('latin1').replace('200 OK', '503 Busy');
    const { requests, errors } = await runBefore((socket, nth) =>
      nth % 2 === 0 ? socket.write(busy) : polite(socket),
    );
    assert.ok(requests > CONNECTIONS);
    assert.ok(errors >= requests / 2 && errors <= (requests + CONNECTIONS) / 2, `${errors} of ${requests}`);
  });

  test('an answer that is late for the window is waited for', async () => {
    const { requests, errors, seconds, latencyUs } = await runBefore((socket, nth) => {
      setTimeout(polite, nth === 0 ? 0 : 600, socket);
    });
    assert.deepEqual({ requests, errors }, { requests: 2 * CONNECTIONS, errors: 0 });
    assert.ok(seconds >= 0.6 && latencyUs.p50 >= 600_000, `${seconds} s, ${latencyUs.p50} us`);
  });
});
