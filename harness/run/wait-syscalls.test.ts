import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manifest } from '../../pollers/manifest.js';
import { WAIT_SYSCALLS } from '../collectors/wait-syscall.js';
import { startProbe } from '../processes/control/parent.js';
import { readWaitSyscalls } from './wait-syscalls.js';

const FAMILIES: Readonly<Record<string, RegExp>> = {
  select: /^p?select6?$/,
  poll: /^p?poll$/,
  epoll: /^epoll_p?wait2?$/,
  io_uring: /^io_uring_enter$/,
};

test('the system call that each poller sleeps in is read off the kernel, and of one that never sleeps there is none', async (t) => {
  if (!(process.arch in WAIT_SYSCALLS)) return void t.skip(`the numbers of ${process.arch} are not known`);
  try {
    readFileSync('/proc/self/syscall');
  } catch (error) {
    return void t.skip(`the kernel does not say: ${(error as Error).message}`);
  }
  const probe = startProbe();
  try {
    const { pollers } = await probe.request('start', { cpu: null, fileTable: 'shared', twin: false }, 30_000);
    const names = Object.keys(pollers);
    const seen = await readWaitSyscalls(probe, pollers, names);
    const sleeping = names.filter((name) => pollers[name]?.blocks);
    assert.deepEqual(Object.keys(seen), sleeping);
    assert.ok(sleeping.length >= 3 && !sleeping.includes('busy'));
    for (const [name, call] of Object.entries(seen)) {
      assert.match(call ?? 'nothing', FAMILIES[manifest[name]?.call ?? ''] as RegExp, name);
    }
  } finally {
    await probe.end();
  }
});

test('strace sees the same', async (t) => {
  const script = `
    const { createPoller } = await import(${JSON.stringify(new URL('../../pollers/loaded.js', import.meta.url).href)});
    createPoller('select').wait(1234);`;
  const traced = spawnSync(
    'strace',
    ['-f', '-e', 'trace=select,pselect6', process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  if (traced.error) return void t.skip('strace is not installed');
  if (/ptrace|not permitted/i.test(traced.stderr)) return void t.skip('strace may not trace here');
  const call = /(p?select6?)\(0, NULL, NULL, NULL, \{tv_sec=1, /.exec(traced.stderr)?.[1];
  const probe = startProbe();
  try {
    const { pollers } = await probe.request('start', { cpu: null, fileTable: 'shared', twin: false }, 30_000);
    assert.equal((await readWaitSyscalls(probe, pollers, ['select'])).select, call);
  } finally {
    await probe.end();
  }
});
