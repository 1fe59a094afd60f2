import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const here = new URL('.', import.meta.url);

test('the tests of this folder cover H1 to H17 on every poller', () => {
  const covered = new Set(
    readdirSync(here)
      .filter((name) => name.endsWith('.test.js'))
      .map((name) => readFileSync(new URL(name, here), 'utf8'))
      .flatMap((text) => [...text.matchAll(/onEveryServer\(\s*'([^']+)'|^ {4}\[\s*'(H\d+)',/gm)])
      .flatMap(([, lines, line]) => (lines ?? line ?? '').split(' ')),
  );
  const missing = Array.from({ length: 17 }, (_, at) => `H${at + 1}`).filter((line) => !covered.delete(line));
  assert.deepEqual(missing, []);
  assert.deepEqual([...covered], [], 'lines that the catalogue does not have');
});
