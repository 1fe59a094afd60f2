import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inOrder, staleIn, totalOf } from './order.js';

const DIST = fileURLToPath(new URL('../..', import.meta.url));

test('long files are begun first, and those that measure run by themselves', () => {
  const { together, alone } = inOrder([
    'pollers/busy.test.js',
    'harness/cli/gate.test.js',
    'harness/run/honesty.alone.test.js',
    'reports/browser.test.js',
  ]);
  assert.deepEqual(together, ['harness/cli/gate.test.js', 'reports/browser.test.js', 'pollers/busy.test.js']);
  assert.deepEqual(alone, ['harness/run/honesty.alone.test.js']);
});

test('every file that is called long is there', () => {
  assert.deepEqual(staleIn(readdirSync(DIST, { recursive: true, encoding: 'utf8' })), []);
});

test('what the files counted is added up; who says nothing counts nothing', () => {
  const said = (tests: number) =>
    `✔ one\nℹ tests ${tests}\nℹ pass ${tests}\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\n`;
  assert.deepEqual(totalOf([said(2), '', said(3)]).slice(0, 3), [
    ['tests', 5],
    ['pass', 5],
    ['fail', 0],
  ]);
});
