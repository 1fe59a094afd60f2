import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reply } from './reply.js';

const text = (reply: Reply, ...as: Parameters<Reply['bytes']>) => reply.bytes(...as).toString();

test('a reply has its length, says what becomes of the connection, and leaves the body out where it is not wanted', () => {
  const reply = new Reply(404, { 'Content-Type': 'text/plain' }, 'Ä');
  const head = 'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n';
  assert.equal(text(reply, '', false), `${head}\r\nÄ`);
  assert.equal(text(reply, 'close', false), `${head}Connection: close\r\n\r\nÄ`);
  assert.equal(text(reply, 'keep-alive', true), `${head}Connection: keep-alive\r\n\r\n`);
  assert.equal(reply.bytes('', false), reply.bytes('', false), 'made once');
});

test('a status without a body has no length either', () => {
  assert.equal(text(new Reply(204), '', false), 'HTTP/1.1 204 No Content\r\n\r\n');
  assert.throws(() => new Reply(304, {}, 'x'), RangeError);
});

test('what would change the framing, or is no HTTP, is not taken for a header', () => {
  const bad: [string, string][] = [
    ['A', 'x\r\nB: y'],
    ['A', 'x\ny'],
    ['A', '\0'],
    ['A', '€'],
    ['A b', 'x'],
    ['A:', 'x'],
    ['', 'x'],
    ['Content-Length', '3'],
    ['transfer-encoding', 'chunked'],
    ['Connection', 'close'],
  ];
  for (const [name, value] of bad) assert.throws(() => new Reply(200, { [name]: value }), RangeError, name);
  for (const status of [99, 100, 199, 600, 200.5, Number.NaN])
    assert.throws(() => new Reply(status), RangeError);
});
