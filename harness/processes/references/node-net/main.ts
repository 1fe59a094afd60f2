import { createServer, type Server } from 'node:net';
import { pinThread } from '../../../../pollers/libc/linux/process.js';
import { FIXED_REPLY } from '../../server/apps/fixed.js';
import { serveReference } from '../in-node.js';

/** Node's own `net` with the same answer as app `fixed`, to compare with. Its control fd is watched by Node's loop. */

const END_OF_REQUEST = '\r\n\r\n';

serveReference((ask, answered) => {
  if (ask.cpu !== null) pinThread(ask.cpu);
  const server: Server = createServer({ noDelay: true }, (socket) => {
    let pending = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      // As a careful server does it: a request may come in pieces, and several at once.
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf(END_OF_REQUEST); end !== -1; end = pending.indexOf(END_OF_REQUEST)) {
        pending = pending.slice(end + END_OF_REQUEST.length);
        socket.write(FIXED_REPLY);
      }
    });
  });
  server.listen(ask.port, ask.host, 4096, () => {
    const { port } = server.address() as { port: number };
    answered({ port });
  });
});
