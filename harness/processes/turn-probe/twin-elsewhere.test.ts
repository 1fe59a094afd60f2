import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The C twin on libraries and architectures whose Node is not at hand: compiled, linked without Node, and run. */

const PROGRAM = fileURLToPath(new URL('testing/twin-alone.c', import.meta.url));
const TWIN = fileURLToPath(new URL('twin.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-twin-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PLACES = [
  { what: 'here', compiler: 'cc', from: 'gcc', runner: [] },
  { what: 'musl', compiler: 'musl-gcc', from: 'musl-tools', runner: [] },
  {
    what: 'arm64',
    compiler: 'aarch64-linux-gnu-gcc',
    from: 'gcc-aarch64-linux-gnu and libc6-dev-arm64-cross',
    runner: process.arch === 'arm64' ? [] : ['qemu-aarch64-static'],
  },
] as const;

const has = (command: string): boolean => !spawnSync(command, ['--version']).error;

for (const { what, compiler, from, runner } of PLACES) {
  test(`the C twin sees what is ready with each system call: ${what}`, (t) => {
    if (!has(compiler)) return void t.skip(`there is no ${compiler} (Debian: ${from})`);
    const warnings = '-Wall -Wextra -Werror'.split(' ');
    const shared = ['-shared', '-fPIC', '-O2', '-o', join(folder, `${what}.so`), TWIN];
    const compiled = spawnSync(compiler, [...warnings, ...shared], { encoding: 'utf8' });
    assert.equal(compiled.status, 0, compiled.stderr);
    const program = join(folder, what);
    const linked = ['-static', '-O2', '-o', program, `-DTWIN="${TWIN}"`, PROGRAM];
    const built = spawnSync(compiler, [...warnings, ...linked], { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    const [command = program, ...args] = [...runner, program];
    if (runner.length > 0 && !has(command))
      return void t.skip(`built, but not run: there is no ${command} (Debian: qemu-user-static)`);
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 0, stdout + stderr);
    assert.equal(stdout.trim().split('\n').length, 9);
    assert.doesNotMatch(stdout, /wrong/);
  });
}
