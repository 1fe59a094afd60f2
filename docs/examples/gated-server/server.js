// A server like any other: node:http, and nothing of pollcost. The gate starts it with a port and asks it for "/".
import { createServer } from 'node:http';

const port = Number(process.argv[2]);
const greeting = JSON.stringify({ hello: 'world' });

const server = createServer((request, response) => {
  if (request.url !== '/') {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(greeting),
  });
  response.end(greeting);
});

server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1');
