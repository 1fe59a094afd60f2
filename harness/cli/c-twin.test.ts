import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { readRun } from '../results/run-folder.js';
import { until } from '../testing/until.js';

/** What bench and doctor make of a C compiler, and what they leave of its work. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const DIST = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-twin-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const P = `"${process.execPath}" "${MAIN}"`;
/** Also where a twin was made beforehand: who names a compiler has it compile. */
const CC = process.env.CC ?? 'cc';
const LIMITS = 'bench --experiments limits --pollers poll --launches 1 --seed 1 --no-report';
const COMPILER = /^(gcc|clang) \d/;
const PREBUILT = 'dist/harness/processes/turn-probe/prebuilt';
const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const needsCompiler = hasCompiler ? {} : { skip: 'there is no C compiler' };

const shell = (line: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, CC, ...env },
  });

test('a compiler with options is no name of a file', needsCompiler, () => {
  const { status, stderr } = shell(`${P} ${LIMITS} --out options`, { CC: 'cc -DA="b c"' });
  assert.equal(status, 0, stderr);
  assert.match(readRun(join(folder, 'options')).environment.cc ?? '', /\d/);
  const { stdout } = shell(`${P} doctor --speeds 0.1 --json`, { CC: 'cc -DA="b c"' });
  const checks = JSON.parse(stdout) as Diagnosis[];
  assert.equal(checks.find(({ id }) => id === 'c-compiler')?.state, 'fine');
});

test(
  'a twin that was made beforehand needs no compiler, and gives way to one that CC names',
  needsCompiler,
  () => {
    const root = join(folder, 'image');
    mkdirSync(root);
    cpSync(DIST, join(root, 'dist'), { recursive: true });
    rmSync(join(root, PREBUILT), { recursive: true, force: true });
    cpSync(join(DIST, '../package.json'), join(root, 'package.json'));
    symlinkSync(join(DIST, '../node_modules'), join(root, 'node_modules'));
    const bin = join(folder, 'no-compiler');
    mkdirSync(bin);
    const node = `"${process.execPath}"`;
    const main = `${node} "${root}/dist/harness/cli/main.js"`;
    let benches = 0;
    const compilerOf = (path: string, CC?: string) => {
      const out = join(folder, `image-${benches++}`);
      const { status, stderr } = shell(`PATH="${path}" ${main} ${LIMITS} --out "${out}"`, { CC });
      assert.equal(status, 0, stderr);
      return readRun(out).environment.cc;
    };
    assert.match(compilerOf('$PATH') ?? '', COMPILER, 'it compiles with what is on the PATH');
    assert.equal(compilerOf(bin), null);
    const prebuilt = shell(`${node} "${root}/dist/harness/processes/turn-probe/prebuild.js"`);
    assert.equal(prebuilt.status, 0, prebuilt.stderr);
    assert.match(compilerOf(bin) ?? '', COMPILER);
    const { stdout } = shell(`PATH="${bin}" ${main} doctor --speeds 0.1 --json`, { CC: undefined });
    const found = (JSON.parse(stdout) as Diagnosis[]).find(({ id }) => id === 'c-compiler');
    assert.equal(found?.state, 'fine', found?.finding);
    assert.match(found.finding, COMPILER);
    assert.equal(compilerOf(bin, 'absent'), null);
  },
);

/** What both say would help. */
function advised(name: string, shellLine: (command: string) => string, env: NodeJS.ProcessEnv) {
  const out = join(folder, name);
  const bench = shell(shellLine(`${P} ${LIMITS} --out ${out}`), env);
  assert.equal(bench.status, 0, bench.stderr);
  const { stdout } = shell(shellLine(`${P} doctor --speeds 0.1 --json`), env);
  const check = (JSON.parse(stdout) as Diagnosis[]).find(({ id }) => id === 'c-compiler');
  return {
    bench: readRun(out).warnings.find(({ code }) => code === 'no-c-twin')?.advice,
    doctor: check?.command,
  };
}

test('where CC names no compiler both say so', () => {
  assert.deepEqual(
    advised('no-such', (command) => command, { CC: 'no-such-cc -m64' }),
    { bench: 'try: unset CC', doctor: 'unset CC' },
  );
});

test('where TMPDIR allows no programs both say what helps', needsCompiler, (t) => {
  const sealed = join(folder, 'noexec');
  mkdirSync(sealed);
  const within = (command: string) =>
    `unshare -m sh -c 'mount -t tmpfs -o noexec none ${sealed} && TMPDIR=${sealed} ${command}'`;
  if (shell(within('true')).status !== 0) return void t.skip('this sandbox allows no mount');
  assert.deepEqual(advised('noexec-out', within, {}), {
    bench: 'try: export TMPDIR="$HOME"',
    doctor: 'export TMPDIR="$HOME"',
  });
});

test('a compiler’s folder that SIGKILL left behind goes with the next start, one in use does not', async () => {
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const slow = join(folder, 'slow-cc');
  writeFileSync(slow, '#!/bin/sh\nexec sleep 20\n');
  chmodSync(slow, 0o755);
  // Beside these a file is there for a moment, until it has no name.
  const left = () => readdirSync(temporary).filter((name) => name.startsWith('pollcost-scratch-'));
  const compiling = async (env: NodeJS.ProcessEnv) => {
    const before = left().length;
    const child = spawn('sh', ['-c', `exec ${P} ${LIMITS} --out killed`], {
      cwd: folder,
      env: { ...process.env, TMPDIR: temporary, ...env },
      stdio: 'ignore',
    });
    await until(() => left().length > before, 'a folder to compile in');
    return child;
  };
  const first = await compiling({ CC: slow });
  const [inUse] = left();
  const { status } = shell(`${P} ${LIMITS} --out beside`, { TMPDIR: temporary });
  assert.equal(status, 0);
  assert.deepEqual(left(), [inUse], 'it is in use');
  first.kill('SIGKILL');
  await once(first, 'exit');
  // The probe ends with its parent, and its lock with it.
  await until(
    () => {
      shell(`${P} bench --dry-run`, { TMPDIR: temporary });
      return left().length === 0;
    },
    () => `the end of ${left()}`,
  );
});
