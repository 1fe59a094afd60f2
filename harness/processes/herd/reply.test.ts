import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyFrom } from './reply.js';

const reply = (head: readonly string[], body = 'Hello') =>
  Buffer.from(['HTTP/1.1 200 OK', ...head, '', body].join('\r\n'));

test('a reply ends where its Content-Length says', () => {
  const whole = reply(['Server: x', 'content-length: 5']);
  for (let length = 0; length < whole.length; length++) {
    assert.equal(replyFrom(whole.subarray(0, length)), null);
  }
  assert.deepEqual(Buffer.from(replyFrom(whole)?.bytes ?? []), whole);
});

test('its date may differ, and nothing else', () => {
  const date = 'Date: Wed, 25 Nov 2026 03:45:00 GMT';
  const whole = reply(['Last-Date: never', date, 'Content-Length: 5']);
  const { mask } = replyFrom(whole) ?? assert.fail('it is whole');
  const at = whole.indexOf(`\n${date}`) + 1;
  for (const [index, bits] of mask.entries())
    assert.equal(bits, index >= at && index < at + date.length ? 0 : 0xff, `byte ${index}`);
});

test('what cannot be held against other replies is refused', () => {
  assert.throws(() => replyFrom(reply([])), /no Content-Length/);
  assert.throws(() => replyFrom(reply(['Content-Length: 3'])), /more than one reply/);
  assert.throws(() => replyFrom(Buffer.from('HTTP/1.1 404 Not Found\r\n\r\n')), /'HTTP\/1\.1 404 Not Found'/);
  assert.throws(() => replyFrom(Buffer.from('220 mail.example\r\n\r\n')), /'220 mail\.example'/);
});
