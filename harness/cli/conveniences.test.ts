import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '../results/run-folder.js';

/** What goes along with a run does not end it: the link to the newest, the report, the checkout's commit. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-along-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SHORT = '--experiments limits --pollers poll --launches 1 --seed 1'.split(' ');

/** Runs a short bench that must come to its end with verdicts, and returns what it said on stderr. */
function judged(args: readonly string[], node: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...node, MAIN, 'bench', ...SHORT, ...args],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } },
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /regular-files +(holds|undecided)/);
  assert.doesNotMatch(stderr, /^ +at /m, 'no stack');
  return stderr;
}

for (const [name, make, reason] of [
  [
    'a folder of its own',
    (results: string) => {
      mkdirSync(join(results, 'latest'), { recursive: true });
      writeFileSync(join(results, 'latest/x'), '');
    },
    /warning: results\/latest does not point to this run: it is a folder of its own/,
  ],
  [
    'in a file',
    (results: string) => writeFileSync(results, ''),
    /warning: results\/latest does not point to this run: results is no folder/,
  ],
] as const) {
  test(`results/latest that is ${name} is a warning with that reason, and nothing is left`, () => {
    const results = join(folder, 'results');
    rmSync(results, { recursive: true, force: true });
    make(results);
    const out = `latest is ${name}`;
    assert.match(judged(['--out', out]), reason);
    assert.ok(readRun(join(folder, out)).warnings.some(({ code }) => code === 'no-latest'));
    if (existsSync(join(results, 'latest'))) assert.deepEqual(readdirSync(results), ['latest']);
    rmSync(results, { recursive: true, force: true });
  });
}

test('a report that cannot be written takes no verdict away: a warning says why and what to do', () => {
  mkdirSync(join(folder, 'unwritten'));
  writeFileSync(join(folder, 'unwritten/report'), '');
  const stderr = judged(['--out', 'unwritten']);
  assert.match(stderr, /warning: no report: EEXIST.*npm run -s pollcost -- report unwritten\)/);
  assert.match(stderr, /done; there is no report/);
  assert.equal(readRun(join(folder, 'unwritten')).status, 'completed');
});

for (const [name, node, env] of [
  ['here', ['--disallow-code-generation-from-strings'], {}],
  ['in every process', [], { NODE_OPTIONS: '--disallow-code-generation-from-strings' }],
] as const) {
  test(`where Node may make no code of strings, ${name}, there is a report all the same`, () => {
    const out = `strings ${name}`;
    assert.match(judged(['--out', out], node, env), /done; the report is /);
    assert.match(readFileSync(join(folder, out, 'report/index.html'), 'utf8'), /<h1/);
  });
}
