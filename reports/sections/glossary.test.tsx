import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact-render-to-string';
import { Told } from './glossary.js';

const told = (text: string): string => render(<Told>{text}</Told>);
const plain = (text: string): string => told(text).replace(/<[^>]*>/g, '');

test('numbers in a text are written as those of the tables', () => {
  assert.equal(
    plain('holds 19900 and 2 000, -0.7 % of 4104 bytes'),
    'holds 19\u202f900 and 2\u202f000, \u22120.7\u00a0% of 4\u202f104\u00a0bytes',
  );
  assert.equal(plain('within 10..40 at 306 us'), 'within 10 to 40 at 306\u00a0µs');
  assert.equal(
    plain('Linux 6.18.4412, in run 20261127T0129Z, from 0.12345'),
    'Linux 6.18.4412, in run 20261127T0129Z, from 0.12345',
  );
});

test('a sign beside a term stays on its line, and nothing of the text is lost', () => {
  assert.match(told('for each fd. Next'), /<span class="kept"><button [^>]*>fd<\/button>\.<\/span> Next/);
  assert.match(
    told('select (watched), and'),
    /<span class="kept">\(<button [^>]*>watched<\/button>\),<\/span> and/,
  );
  assert.match(told('an fd here'), /^an <button [^>]*>fd<\/button> here$/);
  const text = 'A turn’s fds and bitmaps: (ready), slab; epitem.';
  assert.equal(plain(text), text);
});

test('in turn is no turn', () => {
  assert.doesNotMatch(told('tries every socket in turn'), /button/);
  assert.match(told('in each turn'), /button/);
});
