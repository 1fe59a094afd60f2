import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '../results/run-folder.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** The program whose output cannot go where it should. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-streams-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NODE = process.execPath;
const env = { ...process.env, ...WITHOUT_TWIN };
const LIMITS = 'bench --experiments limits --pollers poll --launches 1 --seed 1';
const MEASURED = 'bench --experiments highest-fd --pollers poll --launches 1 --seed 1';
const LONGER =
  'bench --experiments limits,watched-fds --pollers poll,epoll --connections 1,10 --launches 1 --seed 1';
const needsFull = existsSync('/dev/full') ? {} : { skip: 'this system has no /dev/full' };

const shell = (line: string) =>
  spawnSync('sh', ['-c', line.replaceAll('pollcost', `"${NODE}" "${MAIN}"`)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    env,
  });

/** Starts the program with pipes on its stdout and stderr that nobody reads any more. */
async function unheard(args: string, closed: readonly ('stdout' | 'stderr')[]) {
  const child = spawn(NODE, [MAIN, ...args.split(' ')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let said = '';
  for (const name of ['stdout', 'stderr'] as const) {
    if (closed.includes(name)) child[name].destroy();
    else
      child[name].on('data', (chunk) => {
        said += chunk;
      });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

test('bench whose readers go after the first line is judged to its end', () => {
  const { stdout } = shell(`pollcost ${LIMITS} --out one-line 2>&1 | head -1`);
  assert.equal(stdout.trimEnd().split('\n').length, 1);
  const run = readRun(join(folder, 'one-line'));
  assert.equal(run.status, 'completed');
  assert.ok(run.claims.length > 0);
});

test('bench that nobody hears measures and judges, and ends with code 0', async () => {
  assert.deepEqual(await unheard(`${LIMITS} --out unheard`, ['stdout', 'stderr']), { code: 0, said: '' });
  assert.equal(readRun(join(folder, 'unheard')).status, 'completed');
});

for (const [args, code] of [
  ['list', 0],
  ['list --json', 0],
  ['doctor --speeds 0.1', 0],
  ['--help', 0],
  ['--version', 0],
  ['bench --dry-run', 0],
  ['bnch', 2],
  ['report nowhere', 2],
] as const) {
  test(`'${args}' that nobody hears ends as it would otherwise, with code ${code}`, async () => {
    assert.deepEqual(await unheard(args, ['stdout', 'stderr']), { code, said: '' });
  });
}

for (const args of ['list', 'doctor --speeds 0.1', '--help', '--version', 'bench --dry-run']) {
  test(`'${args}' to a full disk says so in one line, with exit code 1`, needsFull, () => {
    const { status, stderr } = shell(`pollcost ${args} >/dev/full`);
    assert.match(stderr, /^pollcost: standard output cannot be written: ENOSPC: .*\n$/);
    assert.equal(stderr.split('\n').length, 2, stderr);
    assert.equal(status, 1);
  });
}

test('whatever the errno is: stdout that is open for reading only', () => {
  const { status, stderr } = shell('pollcost list 1</dev/null');
  assert.match(stderr, /^pollcost: standard output cannot be written: EBADF: .*\n$/);
  assert.equal(status, 1);
});

test('bench whose verdicts find a full disk keeps its run, says so, and ends with code 1', needsFull, () => {
  const { status, stderr } = shell(`pollcost ${LIMITS} --out full >/dev/full`);
  assert.match(stderr, /^pollcost: standard output cannot be written: ENOSPC/m);
  assert.match(stderr, /^done; /m);
  assert.equal(status, 1);
  assert.equal(readRun(join(folder, 'full')).status, 'completed');
});

test('messages that find a full disk change no exit code', needsFull, () => {
  assert.equal(shell('pollcost bnch 2>/dev/full').status, 2);
  const { status, stdout } = shell(`pollcost ${MEASURED} --out silent 2>/dev/full`);
  assert.equal(status, 0);
  assert.match(stdout, /noise floor: /);
});

test('a file that may not grow any more (EFBIG) ends the run in one line, and what is finished is kept', () => {
  const { status, stderr } = shell(`ulimit -f 60; pollcost ${LONGER} --out short-files`);
  assert.match(stderr, /^pollcost: the run folder cannot be written any more \(EFBIG\); .*--resume\n$/m);
  assert.doesNotMatch(stderr, /\n {4}at /);
  assert.equal(status, 1);
  assert.ok(readRun(join(folder, 'short-files')).pid > 0);
});
