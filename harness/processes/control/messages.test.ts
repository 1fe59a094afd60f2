import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSplitter } from './messages.js';

test('lines come whole, in whatever pieces the stream comes, within a character too', () => {
  const stream = Buffer.from('{"id":1}\n\n{"é":"ü"}\n{"unfinished":');
  for (let size = 1; size <= stream.length; size++) {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < stream.length; at += size)
      lines.push(...splitter.push(stream.subarray(at, at + size)));
    assert.deepEqual(lines, ['{"id":1}', '', '{"é":"ü"}'], `in pieces of ${size}`);
    assert.deepEqual(splitter.push(Buffer.from('1}\n')), ['{"unfinished":1}']);
  }
});

test('a piece that is written over afterwards changes no line', () => {
  const splitter = new LineSplitter();
  const piece = Buffer.from('{"a"');
  assert.deepEqual(splitter.push(piece), []);
  piece.fill(0);
  assert.deepEqual(splitter.push(Buffer.from(':1}\n')), ['{"a":1}']);
});
