import assert from 'node:assert/strict';
import { Reply } from './reply.js';
import type { HTTPRequest } from './request.js';
import type { HTTPResponse } from './response.js';
import { onEveryServer } from './testing/every-server.js';
import { answer, get, REQUEST, tell } from './testing/requests.js';

onEveryServer('H1', 'answers leave in the order of the requests, even if the first is slow', (site) => {
  const slow: HTTPResponse[] = [];
  const { port } = site.serve((request, response) => {
    if (request.target === '/slow') slow.push(response);
    else tell(request, response);
  });
  const client = site.client(port);
  client.send(get('/slow') + get('/fast') + get('/slow') + get('/fast'));
  site.until(() => slow.length === 2, 'both slow requests');
  site.net.runFor(5);
  assert.equal(client.received, '');
  slow[1]?.send(new Reply(200, {}, 'second'));
  site.net.runFor(5);
  assert.equal(client.received, '');
  slow[0]?.send(new Reply(200, {}, 'first'));
  const expected = [answer('first'), answer('GET /fast '), answer('second'), answer('GET /fast ')].join('');
  site.until(() => client.received.length >= expected.length, 'all answers');
  assert.equal(client.received, expected);
  assert.throws(() => slow[0]?.send(new Reply(200)), /answered already/);
});

onEveryServer('H1', 'more requests than may wait are served once there is room', (site) => {
  const waiting: HTTPResponse[] = [];
  let asked = 0;
  const { port } = site.serve(
    (_request, response) => {
      asked++;
      waiting.push(response);
    },
    { maxPipelined: 3 },
  );
  const client = site.client(port);
  client.send(REQUEST.repeat(10));
  site.until(() => asked === 3, 'three requests');
  client.send(REQUEST.repeat(10));
  site.net.runFor(5);
  assert.equal(asked, 3);
  const expected = answer('x').repeat(20);
  for (let served = 0; served < 20; served++) {
    site.until(() => waiting.length > 0, 'a request');
    waiting.shift()?.send(new Reply(200, {}, 'x'));
    assert.ok(waiting.length <= 3);
  }
  site.until(() => client.received.length >= expected.length, 'all answers');
  assert.equal(client.received, expected);
});

onEveryServer('H2', 'a client that leaves after the first of its answers does no harm', (site) => {
  const late: HTTPResponse[] = [];
  const { server, port } = site.serve((request, response) => {
    if (request.target === '/late') late.push(response);
    else tell(request, response);
  });
  for (const leave of ['leave', 'reset'] as const) {
    const client = site.client(port);
    client.send(get('/') + get('/late') + get('/late'));
    site.until(() => client.received.length > 0, 'the first answer');
    client[leave]();
    site.net.runFor(5);
    for (const response of late) response.send(new Reply(200, {}, 'x'.repeat(100_000)));
    late.length = 0;
    site.until(() => server.connections === 0, 'the end of the connection');
  }
});

onEveryServer('H3 H8', 'byte by byte and in pieces the same requests arrive', (site) => {
  const { port } = site.serve(tell);
  const script =
    'POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: t\r\n\r\n' +
    `\r\n${get('/b')}PUT /c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfghij${get('/d')}`;
  const expected = ['POST /a abcde', 'GET /b ', 'PUT /c fghij', 'GET /d ']
    .map((body) => answer(body))
    .join('');
  for (const size of [1, 2, 3, 17, script.length]) {
    const client = site.client(port);
    let at = 0;
    site.net.eachTurn(() => {
      client.send(script.slice(at, at + size));
      at += size;
      return at < script.length;
    });
    site.until(() => client.received.length >= expected.length, `the answers to pieces of ${size}`);
    assert.equal(client.received, expected);
  }
});

onEveryServer('H4', 'empty lines before and between requests are nothing', (site) => {
  const { port } = site.serve(tell);
  const client = site.client(port);
  client.send(`\r\n\r\n${get('/a')}\r\n`);
  site.until(() => client.received === answer('GET /a '), 'the first answer');
  client.send(`\r\n${get('/b')}`);
  site.until(() => client.received === answer('GET /a ') + answer('GET /b '), 'the second answer');
});

onEveryServer('H9', 'a connection ends or goes on as the client says', (site) => {
  const { port } = site.serve(tell);
  const ending = [get('/', 'Connection: close\r\n'), 'GET / HTTP/1.0\r\n\r\n'];
  for (const request of ending) {
    const client = site.client(port);
    client.send(request + get('/not-served'));
    site.until(() => client.hasEnd, 'the end');
    assert.equal(client.received, answer('GET / ', 'Connection: close\r\n'));
    assert.equal(client.error, undefined);
  }
  const client = site.client(port);
  const old = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
  const kept = answer('GET / ', 'Connection: keep-alive\r\n');
  client.send(old);
  site.until(() => client.received === kept, 'an answer');
  client.send(old);
  site.until(() => client.received === kept + kept, 'another one');
});

onEveryServer('H9', 'a long last answer is delivered whole', (site) => {
  const body = 'x'.repeat(4 * 2 ** 20);
  const { port } = site.serve((_request, response) => response.send(new Reply(200, {}, body)));
  const client = site.client(port);
  client.send(get('/', 'Connection: close\r\n'));
  site.until(() => client.hasEnd, 'the end');
  assert.equal(client.received, answer(body, 'Connection: close\r\n'));
});

onEveryServer('H13', 'a client that has ended its direction gets its answers, the late ones too', (site) => {
  const late: HTTPResponse[] = [];
  const { server, port } = site.serve((request, response) => {
    if (request.target === '/late') late.push(response);
    else tell(request, response);
  });
  const client = site.client(port);
  client.send(get('/') + get('/late'));
  client.endSending();
  site.until(() => client.received === answer('GET / '), 'the first answer');
  site.net.runFor(5);
  assert.equal(client.hasEnd, false);
  late[0]?.send(new Reply(200, {}, 'late'));
  site.until(() => client.hasEnd, 'the end');
  assert.equal(client.received, answer('GET / ') + answer('late'));
  site.until(() => server.connections === 0, 'the end of the connection');
});

onEveryServer('H11', 'half a request and an end is nothing', (site) => {
  let asked = 0;
  const { server, port } = site.serve(() => {
    asked++;
  });
  for (const half of ['', 'GET / HT', REQUEST.slice(0, -2), get('/', 'Content-Length: 3\r\n')]) {
    const client = site.client(port);
    client.send(half);
    client.endSending();
    site.until(() => client.hasEnd, 'the end');
    assert.equal(client.received, '');
    site.until(() => server.connections === 0, 'the end of the connection');
  }
  assert.equal(asked, 0);
});

onEveryServer('H14', 'a reset during a long answer ends that connection alone', (site) => {
  const long = new Reply(200, {}, 'x'.repeat(8 * 2 ** 20));
  const { server, port } = site.serve((request, response) => {
    if (request.target === '/long') response.send(long);
    else tell(request, response);
  });
  const other = site.client(port);
  const client = site.client(port);
  client.send(get('/long'));
  site.until(() => client.received.length > 0, 'the beginning of the answer');
  client.reset();
  site.until(() => server.connections === 1, 'the end of the connection');
  other.send(get('/other'));
  site.until(() => other.received === answer('GET /other '), 'the answer to the other one');
});

onEveryServer('H15', 'one who asks and does not read is not read from, and others are served', (site) => {
  const body = 'x'.repeat(65_536);
  const reply = new Reply(200, {}, body);
  let asked = 0;
  const { port } = site.serve((_request, response) => {
    asked++;
    response.send(reply);
  });
  const slow = site.client(port);
  slow.stopReading();
  slow.send(get('/').repeat(10_000));
  site.until(() => asked > 0, 'a request');
  site.net.runFor(30);
  const before = asked;
  site.net.runFor(20);
  assert.equal(asked, before, 'it stands');
  // What the kernel takes, and one high water.
  assert.ok(asked < 1000, `${asked} answers are kept`);
  const other = site.client(port);
  other.send(get('/'));
  site.until(() => other.received.length === answer(body).length, 'the answer to the other one');
});

onEveryServer('H16', 'who expects 100 Continue gets it, after the answers to earlier requests', (site) => {
  const late: HTTPResponse[] = [];
  const { port } = site.serve((request, response) => {
    if (request.target === '/late') late.push(response);
    else tell(request, response);
  });
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n';
  const go = 'HTTP/1.1 100 Continue\r\n\r\n';
  const client = site.client(port);
  client.send(head);
  site.until(() => client.received === go, 'the word');
  client.send('abc');
  site.until(() => client.received === go + answer('POST / abc'), 'the answer');
  client.received = '';
  client.send(get('/late') + head);
  site.until(() => late.length === 1, 'the other request');
  site.net.runFor(5);
  assert.equal(client.received, '');
  late[0]?.send(new Reply(200, {}, 'late'));
  site.until(() => client.received === answer('late') + go, 'the answer and the word');
  client.send('def');
  site.until(() => client.received.endsWith(answer('POST / def')), 'the last answer');
  client.received = '';
  client.send(`${head}ghi`);
  site.until(() => client.received === answer('POST / ghi'), 'no word to who has sent it all');
  client.received = '';
  client.send(head.replace(': 3', ': 3000000'));
  site.until(() => client.hasEnd, 'the end');
  assert.match(client.received, /^HTTP\/1\.1 413 /);
});

onEveryServer('H6', 'a handler that throws costs the answer 500, not the connection', (site) => {
  const { port } = site.serve((request, response) => {
    if (request.target === '/throw') throw new Error('a defect');
    tell(request, response);
  });
  const client = site.client(port);
  client.send(get('/throw') + get('/next'));
  const expected = `HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n${answer('GET /next ')}`;
  site.until(() => client.received.length >= expected.length, 'the answers');
  assert.equal(client.received, expected);
  assert.deepEqual(
    site.net.errors.splice(0).map(({ error }) => (error as Error).message),
    ['a defect'],
  );
});

onEveryServer('H1', 'a request can be asked what it says, and HEAD gets no body', (site) => {
  const seen: HTTPRequest[] = [];
  const { port } = site.serve((request, response) => {
    seen.push(request);
    response.send(new Reply(200, { 'Content-Type': 'text/plain' }, 'hello'));
  });
  const client = site.client(port);
  client.send('HEAD /a?b HTTP/1.1\r\nHost: x\r\nA: \t 1 \r\naCCEPT:\r\na: 2\r\n\r\n');
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n';
  site.until(() => client.received === head, 'the head');
  const request = seen[0] as HTTPRequest;
  assert.deepEqual(
    [request.method, request.target, request.version, request.keepsAlive, request.body.length],
    ['HEAD', '/a?b', '1.1', true, 0],
  );
  assert.deepEqual(request.headers(), [
    ['Host', 'x'],
    ['A', '1'],
    ['aCCEPT', ''],
    ['a', '2'],
  ]);
  assert.equal(request.header('a'), '1, 2');
  assert.equal(request.header('Accept'), '');
  assert.equal(request.header('b'), undefined);
});
