import assert from 'node:assert/strict';
import { onEveryServer } from './testing/every-server.js';
import { answer, get, tell } from './testing/requests.js';

/** Requests that get no answer of the application. */

const REFUSED: readonly [line: string, what: string, request: string, status: string][] = [
  [
    'H5',
    'a head above the limit',
    `GET /${'x'.repeat(1000)} HTTP/1.1\r\n`,
    '431 Request Header Fields Too Large',
  ],
  ['H6', 'a malformed head', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n', '400 Bad Request'],
  ['H6', 'a request without a Host', 'GET / HTTP/1.1\r\n\r\n', '400 Bad Request'],
  ['H17', 'a Host that is no host', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', '400 Bad Request'],
  ['H17', 'an empty Host', 'GET http://a/ HTTP/1.1\r\nHost: \r\n\r\n', '400 Bad Request'],
  ['H7', 'a length in doubt', get('/', 'Content-Length: +10\r\n'), '400 Bad Request'],
  [
    'H8',
    'a chunk of doubtful size',
    `${get('/', 'Transfer-Encoding: chunked\r\n').replace('GET', 'POST')}1_a\r\n`,
    '400 Bad Request',
  ],
  [
    'H16',
    'a body above the limit',
    `${get('/', 'Content-Length: 1000000\r\n')}${'x'.repeat(300_000)}`,
    '413 Payload Too Large',
  ],
];

for (const [line, what, request, status] of REFUSED) {
  onEveryServer(line, `${what} is answered with ${status}, and the connection ends in order`, (site) => {
    let asked = 0;
    const { server, port } = site.serve(
      (given, response) => {
        asked++;
        tell(given, response);
      },
      { maxHeaderBytes: 500, maxBodyBytes: 10_000 },
    );
    const client = site.client(port);
    client.send(get('/before') + request);
    site.until(() => client.hasEnd || client.error !== undefined, 'the end');
    assert.equal(client.error, undefined, 'the answer was not lost in a reset');
    const refusal = `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    assert.equal(client.received, answer('GET /before ') + refusal);
    assert.equal(asked, 1);
    client.leave();
    site.until(() => server.connections === 0, 'the end of the connection');
  });
}
