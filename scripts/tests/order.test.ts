import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { failedIn, inOrder, staleIn, totalOf } from './order.js';

const DIST = fileURLToPath(new URL('../..', import.meta.url));

test('long files are begun first, and those that measure run by themselves', () => {
  const { together, alone } = inOrder(
    [
      'pollers/busy.test.js',
      'harness/cli/gate.test.js',
      'harness/run/honesty.alone.test.js',
      'reports/browser.test.js',
    ],
    () => false,
  );
  assert.deepEqual(together, [
    ['harness/cli/gate.test.js'],
    ['reports/browser.test.js'],
    ['pollers/busy.test.js'],
  ]);
  assert.deepEqual(alone, [['harness/run/honesty.alone.test.js']]);
});

test('short files that may share a process do, ten at most; long ones and those that measure have one each', () => {
  const short = Array.from({ length: 12 }, (_, at) => `harness/a${at + 10}.test.js`);
  const others = ['harness/cli/gate.test.js', 'harness/run/honesty.alone.test.js', 'pollers/busy.test.js'];
  const { together, alone } = inOrder([...short, ...others], (file) => file !== 'pollers/busy.test.js');
  assert.deepEqual(together, [
    ['harness/cli/gate.test.js'],
    short.filter((_, at) => at % 2 === 0),
    short.filter((_, at) => at % 2 === 1),
    ['pollers/busy.test.js'],
  ]);
  assert.deepEqual(alone, [['harness/run/honesty.alone.test.js']]);
});

test('of a bundle that failed those are named that its report leads to, or all', () => {
  const bundle = ['harness/a.test.js', 'harness/b.test.js'];
  const said = '✖ a sum\n    at TestContext.<anonymous> (file:///dist/harness/b.test.js:2:49)\n';
  assert.deepEqual(failedIn(bundle, said), ['harness/b.test.js']);
  assert.deepEqual(failedIn(bundle, 'out of memory'), bundle);
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
