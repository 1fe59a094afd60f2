import { createServer } from 'node:http';
import { pinThread } from '../../../../pollers/libc/linux/process.js';
import { serveReference } from '../in-node.js';

/**
 * Node's own `http` with the same reply as app `http`, byte for byte: it adds neither Date nor Connection nor Keep-Alive,
 * and no timeout of its own is near. Its control fd is watched by Node's loop.
 */

const BODY = 'Hello, world';
const HEADERS = ['Content-Type', 'text/plain', 'Content-Length', String(BODY.length)];
const IDLE_TIMEOUT_MS = 600_000;

serveReference((ask, answered) => {
  if (ask.cpu !== null) pinThread(ask.cpu);
  const server = createServer({ noDelay: true, keepAliveTimeout: IDLE_TIMEOUT_MS }, (_request, response) => {
    response.sendDate = false;
    // What was removed is not added again.
    response.removeHeader('Connection');
    response.writeHead(200, HEADERS);
    response.end(BODY);
  });
  server.listen(ask.port, ask.host, 4096, () => {
    const { port } = server.address() as { port: number };
    answered({ port });
  });
});
