import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '../results/run-folder.js';
import { NO_SECCOMP, withoutUnshare } from './testing/seccomp.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** The program where something is missing, each for real. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-hard-'));
chmodSync(folder, 0o777);
after(() => rmSync(folder, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const needsRoot = isRoot ? {} : { skip: 'only root can mount a file system or become somebody else' };

const LIMITS = '--experiments limits --pollers poll --launches 1 --no-report';
const SHORT = '--experiments limits,watched-fds --pollers poll,epoll --connections 1 --launches 1 --seed 1';

/** Runs a shell line in which $POLLCOST is the program. */
const shell = (line: string, options: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {}) =>
  spawnSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
    env: { ...process.env, POLLCOST: `${process.execPath} ${MAIN}`, ...options.env },
  });

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

// Under the tighter one the C twin has to fit as well.
for (const [limit, env] of [
  [64, {}],
  [256, WITHOUT_TWIN],
] as const) {
  test(`under a limit of ${limit} fds bench shrinks, says so, and judges what it can`, () => {
    const out = join(folder, `limit-${limit}`);
    const { status, stderr, stdout } = shell(
      `ulimit -n ${limit}; $POLLCOST bench --experiments limits,watched-fds,highest-fd --pollers select,poll,epoll --launches 1 --out ${out}`,
      { env },
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, new RegExp(`warning: a limit of ${limit} fds allows \\d+ connections`));
    assert.match(stdout, /regular-files +holds/);
    assert.match(stdout, /beyond-fd-setsize +undecided/);
    const run = readRun(out);
    assert.equal(run.environment.fdLimitSoft, limit);
    const skipped = run.cells.filter(({ series, status: how }) => series === 'pollcost' && how === 'skipped');
    assert.ok(skipped.length > 0 && skipped.every((cell) => 'reason' in cell && cell.reason.length > 10));
    const largest = Math.max(...run.cells.map(({ factors }) => Number(factors.watched ?? 0)));
    assert.ok(largest >= 10 && largest < limit, `${largest} watched`);
  });
}

test('more connections than the limit allows are refused where the user asked for them', () => {
  const { status, stderr } = shell('ulimit -n 256; $POLLCOST bench --connections 10,5000', {
    env: WITHOUT_TWIN,
  });
  assert.equal(status, 2);
  assert.match(lastLine(stderr), /5000 connections are more than this process may hold: at most 96/);
});

test(
  'with one CPU bench does not pin, and says so',
  has('taskset') ? {} : { skip: 'there is no taskset' },
  () => {
    const out = join(folder, 'one-cpu');
    const { status, stderr } = shell(`POLLCOST_CPU= taskset -c 0 $POLLCOST bench ${LIMITS} --out ${out}`, {
      env: WITHOUT_TWIN,
    });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /1 CPU .*\n.*not pinned/);
    assert.equal(readRun(out).environment.pinnedTo, null);
    assert.ok(readRun(out).warnings.some(({ code }) => code === 'not-pinned'));
  },
);

test('without a C compiler the net figures are absent, with the reason', () => {
  const out = join(folder, 'no-cc');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['sh', 'env']) symlinkSync(`/bin/${name}`, join(bin, name));
  const { status, stderr } = shell(`PATH=${bin}; CC=cc $POLLCOST bench ${SHORT} --no-report --out ${out}`);
  assert.equal(status, 0, stderr);
  const run = readRun(out);
  assert.equal(run.environment.cc, null);
  const twins = run.cells.filter(({ series }) => series === 'c-twin');
  assert.ok(twins.length > 0);
  for (const twin of twins)
    assert.match('reason' in twin ? twin.reason : '', /no C compiler|cannot reach|slept/);
  for (const { metrics } of run.cells)
    assert.ok(!('netNsPerTurn' in metrics) && !('bindingNsPerTurn' in metrics));
});

test('a C compiler that fails is a reason, not an end', () => {
  const out = join(folder, 'bad-cc');
  const { status, stderr } = shell(`$POLLCOST bench ${LIMITS} --out ${out}`, { env: { CC: 'false' } });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /no C twin.*: false failed: no message/);
});

test('where a sandbox refuses unshare, cells say shared, and those that need a private table say why', (t) => {
  const out = join(folder, 'seccomp');
  const program = withoutUnshare(folder);
  if (!program) {
    t.skip('no C compiler to make a seccomp filter with');
    return;
  }
  const args =
    '--experiments watched-fds,file-table,idle,server --pollers epoll --connections 10 --launches 1 --no-report';
  const { status, stderr } = shell(`${program} $POLLCOST bench ${args} --out ${out}`);
  if (status === NO_SECCOMP) {
    t.skip('this kernel takes no seccomp filter');
    return;
  }
  assert.equal(status, 0, stderr);
  assert.match(stderr, /warning: the subject's file table stays shared .*unshare: EPERM/);
  const { cells, environment } = readRun(out);
  assert.equal(environment.unshare, false);
  const idle = cells.filter(({ experiment }) => experiment === 'idle');
  assert.ok(
    idle.length > 0 && idle.every((cell) => cell.status === 'measured'),
    'no rule reads the table there',
  );
  assert.ok(cells.some(({ experiment, status: how }) => experiment === 'server' && how === 'measured'));
  for (const cell of cells) {
    if (cell.factors.fileTable === 'shared' || cell.experiment === 'idle') continue;
    assert.equal(cell.status, 'skipped');
    assert.match('reason' in cell ? cell.reason : '', /cannot be made private: unshare: EPERM/);
  }
  assert.ok(cells.some((cell) => cell.status === 'measured'));
});

test('an unprivileged user can do all of it', needsRoot, (t) => {
  const nobody = { uid: 65_534, gid: 65_534 };
  if (shell('$POLLCOST list', nobody).status !== 0) {
    t.skip('this checkout lies where nobody else may read');
    return;
  }
  const out = join(folder, 'nobody');
  const { status, stderr } = shell(`$POLLCOST bench ${SHORT} --out ${out}`, nobody);
  assert.equal(status, 0, stderr);
  const { environment } = readRun(out);
  assert.equal(environment.uid0, false);
  assert.equal(environment.slabinfo, false);
  assert.equal(statSync(join(out, 'run.json')).uid, 65_534);
});

test('where Koffi does not load, one line says so and the exit code is 5', () => {
  const copy = join(folder, 'no-koffi');
  mkdirSync(copy);
  cpSync(ROOT, join(copy, 'dist'), { recursive: true });
  cpSync(join(dirname(ROOT), 'package.json'), join(copy, 'package.json'));
  const modules = join(dirname(ROOT), 'node_modules');
  mkdirSync(join(copy, 'node_modules'));
  const others = spawnSync('ls', ['-A', modules], { encoding: 'utf8' }).stdout.trim().split('\n');
  for (const name of others.filter((other) => other !== 'koffi')) {
    symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  }
  const main = join(copy, 'dist/harness/cli/main.js');
  const { status, stderr } = shell(`${process.execPath} ${main} bench --out ${join(folder, 'never')}`);
  assert.equal(status, 5);
  assert.match(stderr, /^pollcost: turn probe: Cannot find package 'koffi'.*\n$/);
  assert.equal(shell(`${process.execPath} ${main} list`).status, 0, 'and what needs no Koffi works');
});

test(
  'a full disk ends the run with one line, keeps every finished round, and --resume goes on',
  needsRoot,
  (t) => {
    const small = join(folder, 'small');
    mkdirSync(small);
    if (shell(`mount -t tmpfs -o size=96k none ${small}`).status !== 0) {
      t.skip('this sandbox allows no mount');
      return;
    }
    try {
      const args =
        '--experiments limits,watched-fds --pollers poll,epoll --connections 1,10 --launches 2 --seed 1';
      const env = WITHOUT_TWIN;
      const { status, stderr } = shell(`$POLLCOST bench ${args} --out ${small}/run`, { env });
      assert.equal(status, 1, stderr);
      assert.match(lastLine(stderr), /cannot be written any more \(ENOSPC\); .*--resume/);
      assert.ok(['running', 'failed', 'interrupted'].includes(readRun(`${small}/run`).status));
      assert.equal(shell(`mount -o remount,size=8m ${small}`).status, 0);
      const resumed = shell(`$POLLCOST bench --resume ${small}/run --launches 2 --no-report`, { env });
      assert.equal(resumed.status, 0, resumed.stderr);
      assert.equal(readRun(`${small}/run`).status, 'completed');
    } finally {
      shell(`umount ${small}`);
    }
  },
);

test(
  'a read-only output folder is refused in one line, and a run in one cannot be resumed',
  needsRoot,
  (t) => {
    const sealed = join(folder, 'sealed');
    mkdirSync(sealed);
    if (shell(`mount -t tmpfs none ${sealed}`).status !== 0) {
      t.skip('this sandbox allows no mount');
      return;
    }
    try {
      const env = WITHOUT_TWIN;
      assert.equal(shell(`$POLLCOST bench ${LIMITS} --out ${sealed}/run`, { env }).status, 0);
      assert.equal(shell(`mount -o remount,ro ${sealed}`).status, 0);
      for (const line of [`bench --out ${sealed}/new`, `bench --resume ${sealed}/run`]) {
        const { status, stderr } = shell(`$POLLCOST ${line}`, { env });
        assert.equal(status, 2);
        assert.match(stderr, /^pollcost: .*cannot be written \(EROFS\); .*\n$/);
      }
    } finally {
      shell(`umount ${sealed}`);
    }
  },
);
