import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startClosedLoop } from '../control/parent.js';

const DEADLINE_MS = 60_000;
const CONNECTIONS = 5;

async function connected(t: TestContext, answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const load = startClosedLoop();
  t.after(async () => {
    await load.end();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = { port, connections: CONNECTIONS, cpu: null };
  return { load, connecting: load.request('connect', ask, DEADLINE_MS) };
}

test('it learns from one answer how long all of them are', async (t) => {
  let served = 0;
  const { load, connecting } = await connected(t, (_request, response) => {
    served++;
    response.setHeader('Content-Length', 300).end('x'.repeat(300));
  });
  assert.equal((await connecting).connected, CONNECTIONS);
  assert.equal(served, 1);
  const { requests } = await load.request('run', { ms: 50 }, DEADLINE_MS);
  assert.ok(requests >= CONNECTIONS);
  assert.equal(served, 1 + requests);
});

test('a server that answers with an error, or without a length, is refused', async (t) => {
  const failing = await connected(t, (_request, response) => {
    response.writeHead(500, { 'Content-Length': 2 }).end('no');
  });
  await assert.rejects(failing.connecting, /does not answer 200 with a length/);
  const chunked = await connected(t, (_request, response) => {
    response.write('a');
    response.end();
  });
  await assert.rejects(chunked.connecting, /does not answer 200 with a length/);
});
