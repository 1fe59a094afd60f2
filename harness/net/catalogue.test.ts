import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const here = new URL('.', import.meta.url);

test('the tests of this folder cover S1 to S31 and T1 to T11', () => {
  const covered = new Set<string>();
  for (const file of readdirSync(here).filter((name) => name.endsWith('.test.js'))) {
    for (const [, lines] of readFileSync(new URL(file, here), 'utf8').matchAll(
      /onEveryPoller\(\s*'([^']+)'/g,
    )) {
      for (const line of (lines as string).split(' ')) covered.add(line);
    }
  }
  const upTo = (letter: string, last: number) => Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);
  const missing = [...upTo('S', 31), ...upTo('T', 11)].filter((line) => !covered.delete(line));
  assert.deepEqual(missing, []);
  assert.deepEqual([...covered], [], 'lines that the catalogue does not have');
});
