import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sharing } from './sharing.js';

const DIST = fileURLToPath(new URL('../..', import.meta.url));

const shares = (texts: Record<string, string>): boolean =>
  sharing((path) => {
    const text = texts[path];
    assert.ok(text !== undefined, path);
    return text;
  })('a/it.test.js');

const PLAIN = "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n";

test('what only calculates shares a process, also with what only tests use and with data', () => {
  const text = `${PLAIN}import { plant } from '../testing/plant.js';\nimport data from './data.json' with { type: 'json' };\n`;
  assert.ok(shares({ 'a/it.test.js': text, 'testing/plant.js': 'export const plant = 1;\n' }));
});

test('what lasts as long as its process does not', () => {
  for (const line of [
    "import { spawn } from 'node:child_process';",
    "import { connect, createServer } from 'node:net';",
    'process.env.HOME = "/";',
    'process.chdir("/");',
    "mock.timers.enable({ apis: ['Date'] });",
    'after(() => rmSync(folder));',
    "const folder = mkdtempSync('x');",
    'globalThis.held = [];',
  ])
    assert.ok(!shares({ 'a/it.test.js': `${PLAIN}${line}\n` }), line);
});

test('nor does what starts something through what only tests use, or binds C however far away', () => {
  const text = `${PLAIN}import {\n    start,\n    stop,\n} from './testing/start.js';\n`;
  assert.ok(
    !shares({ 'a/it.test.js': text, 'a/testing/start.js': "import { spawn } from 'node:child_process';\n" }),
  );
  assert.ok(
    !shares({
      'a/it.test.js': `${PLAIN}import { one } from '../b/one.js';\n`,
      'b/one.js': "export { call } from './call.js';\n",
      'b/call.js': "import koffi from 'koffi';\n",
    }),
  );
  // Loaded with the file, and started by none of its tests.
  assert.ok(
    shares({
      'a/it.test.js': `${PLAIN}import { one } from '../b/one.js';\n`,
      'b/one.js': "import { spawn } from 'node:child_process';\nconst late = () => import('./call.js');\n",
    }),
  );
});

test('of the files that there are many share, and none that starts the program does', () => {
  const mayShare = sharing((path) => readFileSync(join(DIST, path), 'utf8'));
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.js'),
  );
  const sharers = files.filter(mayShare);
  assert.ok(sharers.length > 50, `${sharers.length} of ${files.length}`);
  for (const file of ['harness/statistics/student.test.js', 'scripts/tests/order.test.js'])
    assert.ok(sharers.includes(file), file);
  for (const file of ['harness/cli/bench.test.js', 'pollers/poll.test.js', 'harness/run/again.test.js'])
    assert.ok(!sharers.includes(file) && files.includes(file), file);
});
