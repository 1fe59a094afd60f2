import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { WAIT_SYSCALLS, waitSyscallOf } from './wait-syscall.js';

const COMPILERS = [
  ['x64', 'x86_64-linux-gnu-gcc', 'gcc-x86-64-linux-gnu'],
  ['arm64', 'aarch64-linux-gnu-gcc', 'gcc-aarch64-linux-gnu and libc6-dev-arm64-cross'],
] as const;

for (const [arch, compiler, from] of COMPILERS) {
  test(`the numbers of the system calls that wait are those of ${arch}'s headers, and it has no other`, (t) => {
    const calls = WAIT_SYSCALLS[arch] ?? {};
    const absent = ['select', 'poll', 'epoll_wait'].filter((name) => !(name in calls));
    const program = [
      '#include <asm/unistd.h>',
      ...Object.entries(calls).map(
        ([name, number]) => `_Static_assert(__NR_${name} == ${number}, "${name}");`,
      ),
      ...absent.map((name) => `#ifdef __NR_${name}\n#error ${arch} has ${name}\n#endif`),
    ].join('\n');
    const { error, status, stderr } = spawnSync(compiler, ['-fsyntax-only', '-x', 'c', '-'], {
      input: program,
      encoding: 'utf8',
    });
    if (error) return void t.skip(`there is no ${compiler} (Debian: ${from})`);
    assert.equal(status, 0, stderr);
  });
}

test('a process that waits for something else, or is not there, is in none of them', () => {
  assert.equal(waitSyscallOf(2 ** 22 + 1), null);
  assert.equal(waitSyscallOf(process.pid), null);
});
