import assert from 'node:assert/strict';
import { Reply } from './reply.js';
import type { HTTPResponse } from './response.js';
import { type Client, onEveryServer, type Site } from './testing/every-server.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const OK = new Reply(200);
const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
/** Long enough for all that is not to happen. */
const NEVER = 60_000;

/** When it ends, from now on. */
function endOf(site: Site, client: Client): number {
  const { loop } = site.net;
  const before = loop.time();
  site.until(() => client.hasEnd || client.error !== undefined, 'the end');
  assert.equal(client.error, undefined);
  return loop.time() - before;
}

/** Sends a byte each few milliseconds, for as long as the server listens. */
function dribble(site: Site, client: Client, text: string): void {
  let at = 0;
  const next = () => {
    if (client.hasEnd || client.error !== undefined || at === text.length) return;
    client.send(text.charAt(at++));
    site.net.loop.callLater(5, next);
  };
  next();
}

onEveryServer(
  'H10',
  'a head must be complete in time from its first byte on, however it dribbles',
  (site) => {
    const { port } = site.serve((_request, response) => response.send(OK), {
      headersTimeoutMs: 50,
      requestTimeoutMs: NEVER,
      idleTimeoutMs: NEVER,
    });
    const client = site.client(port);
    site.net.runFor(70);
    assert.equal(client.hasEnd, false, 'nothing has begun');
    dribble(site, client, `GET /${'x'.repeat(1000)}`);
    assert.ok(endOf(site, client) >= 50);
    assert.equal(client.received, TIMED_OUT);
  },
);

onEveryServer('H10', 'a body must be complete in time from the first byte of its head on', (site) => {
  const { port } = site.serve((_request, response) => response.send(OK), {
    headersTimeoutMs: 20,
    requestTimeoutMs: 60,
    idleTimeoutMs: NEVER,
  });
  const client = site.client(port);
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
  dribble(site, client, 'x'.repeat(1000));
  assert.ok(endOf(site, client) >= 60);
  assert.equal(client.received, TIMED_OUT);
});

onEveryServer('H10', 'who is late behind a slow answer is told so after that answer', (site) => {
  const late: HTTPResponse[] = [];
  const { port } = site.serve((_request, response) => late.push(response), { headersTimeoutMs: 20 });
  const client = site.client(port);
  client.send(`${REQUEST}GET`);
  site.net.runFor(60);
  assert.equal(client.received, '');
  late[0]?.send(OK);
  endOf(site, client);
  assert.equal(client.received, `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${TIMED_OUT}`);
});

onEveryServer(
  'H12',
  'an idle connection is closed without a word, and so is one that was never used',
  (site) => {
    const portOf = (idleTimeoutMs: number) =>
      site.serve((_request, response) => response.send(OK), { idleTimeoutMs }).port;
    const { loop } = site.net;
    const began = loop.time();
    endOf(site, site.client(portOf(40)));
    assert.ok(loop.time() - began >= 40);
    // Far from its end: what came behind that on a busy machine would make it a reset.
    const used = site.client(portOf(300));
    let asked = 0;
    loop.callLater(20, () => {
      asked = loop.time();
      used.send(REQUEST);
    });
    endOf(site, used);
    assert.ok(loop.time() - asked >= 300, 'its time began with the answer');
    assert.equal(used.received, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  },
);

onEveryServer('H12', 'empty lines do not keep a connection', (site) => {
  const { port } = site.serve((_request, response) => response.send(OK), { idleTimeoutMs: 40 });
  const client = site.client(port);
  dribble(site, client, '\r\n'.repeat(1000));
  // One that comes when it is closed makes that a reset.
  site.until(() => client.hasEnd || client.error === 'ECONNRESET', 'the end');
  assert.equal(client.received, '');
});

onEveryServer('H12', 'a connection that waits for its answer is not idle', (site) => {
  const late: HTTPResponse[] = [];
  const { port } = site.serve((_request, response) => late.push(response), { idleTimeoutMs: 20 });
  const client = site.client(port);
  client.send(REQUEST);
  site.net.runFor(60);
  assert.equal(client.hasEnd, false);
  late[0]?.send(OK);
  endOf(site, client);
  assert.equal(client.received, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
});

onEveryServer('H12', 'who takes nothing of its answer is given up', (site) => {
  const long = new Reply(200, {}, 'x'.repeat(16 * 2 ** 20));
  const { server, port } = site.serve((_request, response) => response.send(long), { idleTimeoutMs: 30 });
  const stubborn = site.client(port);
  stubborn.stopReading();
  stubborn.send(REQUEST);
  site.until(() => server.connections === 0, 'the end of the connection');
});

onEveryServer('H12', 'who takes its answer bit by bit is waited for', (site) => {
  const long = new Reply(200, {}, 'x'.repeat(16 * 2 ** 20));
  const { port } = site.serve((_request, response) => response.send(long), { idleTimeoutMs: 500 });
  const client = site.client(port);
  client.send(REQUEST);
  client.stopReading();
  const { loop } = site.net;
  let sips = 40;
  const sip = () => {
    client.read(sips > 0 ? 2 ** 18 : Number.POSITIVE_INFINITY);
    if (sips-- > 0) loop.callLater(20, sip);
  };
  sip();
  endOf(site, client);
  assert.ok(client.received.length > 16 * 2 ** 20, 'everything');
});
