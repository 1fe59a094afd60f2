import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { startSoakLoad } from '../control/parent.js';
import type { SoakReport } from './protocol.js';

/** The clients of a soak against servers that are wrong in one way each, and one that is right. */

const DEADLINE_MS = 60_000;

async function storm(serve: (socket: Socket) => void): Promise<SoakReport> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const load = startSoakLoad();
  try {
    const { port } = server.address() as AddressInfo;
    const ask = { host: '127.0.0.1', port, poller: 'epoll', app: 'echo', connections: 50, seed: 1 } as const;
    await load.request('start', ask, DEADLINE_MS);
    await load.request('storm', { ms: 400 }, DEADLINE_MS);
    return await load.request('leave', {}, DEADLINE_MS);
  } finally {
    await load.end();
    server.close();
  }
}

const WRONG_FROM = 1000;

/** Sends everything back as `change` makes it, which also gets how many bytes came before; null: it leaves. */
const echoing = (change: (bytes: Buffer, at: number) => Buffer | null) => (socket: Socket) => {
  let at = 0;
  socket.on('data', (bytes) => {
    const changed = change(bytes, at);
    at += bytes.length;
    if (changed) socket.write(changed);
    else socket.end();
  });
  socket.on('end', () => socket.end());
};

test('a server that is right gives no cause for complaint', async () => {
  const { errors, reasons, bytesChecked, ...counts } = await storm(echoing((bytes) => bytes));
  assert.deepEqual(reasons, []);
  assert.equal(errors, 0);
  assert.ok(bytesChecked > 100_000, `${bytesChecked} bytes`);
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `no ${what}`);
});

const WRONG: Record<string, [serve: (socket: Socket) => void, complaint: RegExp]> = {
  'changes a byte': [
    echoing((bytes, at) => {
      const changed = Buffer.from(bytes);
      if (at <= WRONG_FROM && WRONG_FROM < at + bytes.length)
        changed[WRONG_FROM - at] = ~(changed[WRONG_FROM - at] ?? 0);
      return changed;
    }),
    /^wrong bytes/,
  ],
  'exchanges two bytes of the same segment': [
    echoing((bytes) => {
      const changed = Buffer.from(bytes);
      if (bytes.length > 8) [changed[3], changed[7]] = [bytes[7] as number, bytes[3] as number];
      return changed;
    }),
    /^wrong bytes/,
  ],
  'says too much': [
    echoing((bytes, at) => (at > WRONG_FROM ? Buffer.concat([bytes, Buffer.from('x')]) : bytes)),
    /^(1 bytes more than were asked for|wrong bytes)/,
  ],
  'leaves before it has answered': [
    echoing((bytes, at) => (at > WRONG_FROM ? null : bytes)),
    /^(end of file|recv: ECONNRESET|send: EPIPE)/,
  ],
};

for (const [what, [serve, complaint]] of Object.entries(WRONG)) {
  test(`a server that ${what} is found out`, async () => {
    const { errors, reasons } = await storm(serve);
    assert.ok(errors > 0);
    for (const reason of reasons) assert.match(reason, complaint);
  });
}
