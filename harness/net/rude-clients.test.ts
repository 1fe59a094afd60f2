import assert from 'node:assert/strict';
import type { IOStream } from './iostream.js';
import { CLOSED } from './outcomes.js';
import { END_OF_HEAD, pattern } from './testing/bytes.js';
import { onEveryPoller } from './testing/every-poller.js';
import {
  dribbles,
  halfCloses,
  leaves,
  neverReads,
  polite,
  readsSlowly,
  resets,
} from './testing/rude-clients.js';

const REQUEST = 'GET / HTTP/1.1\r\n\r\n';
const LONG_REQUEST = 'GET /long HTTP/1.1\r\n\r\n';
const ANSWER = 'answer';
const LONG_ANSWER = pattern(8 * 2 ** 20);

onEveryPoller('S12 S16 S21 S22 T11', 'rude clients harm neither the polite one nor the server', (net) => {
  const open = new Set<IOStream>();
  const { server, port } = net.serve((stream) => {
    open.add(stream);
    stream.setCloseCallback(() => open.delete(stream));
    const answer = (bytes: Buffer | typeof CLOSED): void => {
      if (bytes === CLOSED) return;
      stream.write(bytes.includes('long') ? LONG_ANSWER : Buffer.from(ANSWER));
      stream.readUntil(END_OF_HEAD, answer);
    };
    stream.readUntil(END_OF_HEAD, answer);
  });
  const { loop } = net;
  const clients = {
    never: neverReads(port, LONG_REQUEST),
    slow: readsSlowly(loop, port, LONG_REQUEST, 1),
    resetsEarly: resets(port, ''),
    resetsLate: resets(port, LONG_REQUEST),
    half: halfCloses(loop, port, REQUEST),
    halfLong: halfCloses(loop, port, LONG_REQUEST),
    dribbling: dribbles(loop, port, REQUEST, 2),
    leaving: leaves(port),
    polite: polite(loop, port, REQUEST),
  };
  try {
    net.until(() => clients.polite.received() === ANSWER, 'the answer to the polite client');
    net.until(() => clients.dribbling.received() === ANSWER, 'the answer to the dribbling client');
    net.until(() => clients.half.received() === ANSWER, 'the answer to the half-closing client');
    net.until(() => clients.halfLong.received().length === LONG_ANSWER.length, 'the long answer');
    net.until(() => clients.slow.received().length > 5 * 1024, 'some of the answer to the slow client');
    // Still there: who never reads, who reads slowly, who dribbled, and the polite one.
    net.until(() => open.size === 4, 'the end of those that left');
    assert.equal(clients.never.received(), '');
    assert.equal(server.accepted, 9);
  } finally {
    for (const client of Object.values(clients)) client.end();
  }
  net.until(() => open.size === 0, 'the end of all');
});
