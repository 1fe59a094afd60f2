import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../harness/cli/usage.js';
import { parseOptions } from './options.js';

const SCRIPTS = fileURLToPath(new URL('.', import.meta.url));

test('an option that a script does not have is one line and exit code 2', () => {
  for (const [args, said] of [
    [['--draw', '9'], /^Unknown option '--draw'/],
    [['--draws', 'x', 'a-run'], /--draws .*'x'/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [join(SCRIPTS, 'models.js'), ...args], {
      encoding: 'utf8',
    });
    assert.equal(status, 2, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  }
  assert.throws(() => parseOptions({ args: ['left over'], options: {} }), UsageError);
});

test('every script reads its options that way', () => {
  const others = readdirSync(SCRIPTS, { recursive: true, encoding: 'utf8' }).filter(
    (name) =>
      name.endsWith('.js') &&
      !name.startsWith('options.') &&
      /\bparseArgs\b/.test(readFileSync(join(SCRIPTS, name), 'utf8')),
  );
  assert.deepEqual(others, []);
});
