import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './compare.js';
import { judge } from './oracle.js';
import { tryOverSockets } from './sockets.js';
import { streamOf } from './streams.js';
import { tryStreams } from './workers.js';

const SEED = 1;

test('20 000 streams are read here and by Node alike, and none crashes or spins', async () => {
  const { inputs, tally, failures } = await tryStreams(SEED, 20_000, 2, () => {});
  assert.deepEqual(failures, []);
  assert.equal(inputs, 20_000);
  assert.equal(
    Object.values(tally).reduce((sum, count) => sum + count, 0),
    inputs,
  );
  // The streams are worth trying: a good part is served, a good part refused.
  assert.ok((tally.accepted ?? 0) > 5000, `${tally.accepted} accepted`);
  assert.ok((tally['refused: 400'] ?? 0) > 5000, `${tally['refused: 400']} refused`);
});

test('streams over connections, some reset half-way, get their answers and leave nothing behind', async () => {
  const { resets, failures } = await tryOverSockets(SEED, 300);
  assert.deepEqual(failures, []);
  assert.ok(resets > 30, `${resets} resets`);
});

test('the same seed and index give the same stream, and the streams differ', () => {
  assert.deepEqual(streamOf(5, 7), streamOf(5, 7));
  assert.notDeepEqual(streamOf(5, 7), streamOf(5, 8));
  assert.notDeepEqual(streamOf(5, 7), streamOf(6, 7));
});

const request = (body = '') => ({ method: 'GET', target: '/', body });
const open = (...requests: ReturnType<typeof request>[]) => ({ requests, end: 'open', why: '' }) as const;

test('two readings of one message are told from a refusal by one side', () => {
  const kind = (...asked: Parameters<typeof compare>) => compare(...asked).kind;
  assert.equal(kind({ requests: [request()], end: 'idle' }, open(request()), ''), 'accepted');
  assert.equal(kind({ requests: [request('a')], end: 'idle' }, open(request('b')), ''), 'different');
  assert.equal(kind({ requests: [request(), request()], end: 'idle' }, open(request()), ''), 'different');
  assert.equal(kind({ requests: [request()], end: 'idle' }, open(request(), request()), ''), 'different');
  assert.equal(kind({ requests: [request()], end: 'last' }, open(request()), ''), 'different');
  const refused = { requests: [], end: 'refused', why: 'a reason' } as const;
  assert.deepEqual(compare({ requests: [request()], end: 'idle' }, refused, ''), {
    kind: 'laxer',
    why: 'a reason',
  });
  assert.equal(kind({ requests: [], end: 'idle' }, refused, ''), 'laxer');
  assert.equal(kind({ requests: [], end: 'amid' }, refused, ''), 'sooner-there');
  assert.equal(kind({ requests: [], end: 400 }, refused, ''), 'refused');
  assert.deepEqual(compare({ requests: [], end: 400 }, open(request()), 'GET / HTTP/1.1\r\n\r\n'), {
    kind: 'stricter',
    why: '400 no Host in HTTP/1.1',
  });
});

test("Node's server says what it reads and what it refuses", () => {
  const pieces = (...texts: string[]) => texts.map((text) => Buffer.from(text, 'latin1'));
  const post = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n';
  const read = { method: 'POST', target: '/a', body: '\xffb' };
  assert.deepEqual(judge(pieces(`${post}\xff`, 'b')), { requests: [read], end: 'open', why: '' });
  assert.deepEqual(judge(pieces(`${post}\xff`)), { requests: [], end: 'open', why: '' });
  const refusal = judge(pieces(`${post}\xffbGET / HTTP/1.1\r\nA : b\r\n\r\n`));
  assert.deepEqual([refusal.requests, refusal.end], [[read], 'refused']);
  assert.match(refusal.why, /^HPE_INVALID_HEADER_TOKEN/);
});
