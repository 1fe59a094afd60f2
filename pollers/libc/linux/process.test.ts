import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { SyscallError } from '../call.js';
import { cpuMask, pinThread, runInShortSlices, sliceOf } from './process.js';

test('a mask of CPUs is as long as its number needs, in whole longs', () => {
  for (const cpu of [0, 63, 64, 1023, 1024, 8191]) {
    const bytes = new Uint8Array(cpuMask(cpu).buffer);
    assert.equal(bytes.length, (Math.floor(cpu / 64) + 1) * 8);
    const set = [...bytes].flatMap((byte, at) => (byte === 0 ? [] : [at * 8 + Math.log2(byte)]));
    assert.deepEqual(set, [cpu]);
  }
});

test('a CPU that is not there is refused by the kernel, also beyond those of a cpu_set_t, and nothing is changed', () => {
  const allowed = () => /^Cpus_allowed:.*$/m.exec(readFileSync('/proc/thread-self/status', 'latin1'))?.[0];
  const before = allowed();
  for (const cpu of [1023, 1024, 8191]) {
    assert.throws(
      () => pinThread(cpu),
      (error) =>
        error instanceof SyscallError && error.code === 'EINVAL' && error.syscall === 'sched_setaffinity',
      String(cpu),
    );
  }
  assert.equal(allowed(), before);
});

test('a thread that runs in short slices asks for 0.1 ms, keeps its nice value, and gives them back', (t) => {
  const before = { slice: sliceOf(), nice: getPriority() };
  const giveBack = runInShortSlices();
  if (giveBack === null) {
    assert.equal(sliceOf(), before.slice);
    return void t.skip('this kernel has no slices to ask for');
  }
  assert.deepEqual({ slice: sliceOf(), nice: getPriority() }, { slice: 100_000n, nice: before.nice });
  giveBack();
  assert.deepEqual({ slice: sliceOf(), nice: getPriority() }, before);
});

test('no slices are asked for in the name of a thread that is not there', () => {
  assert.throws(
    () => runInShortSlices(2 ** 22 + 1),
    (error) => error instanceof SyscallError && error.code === 'ESRCH' && error.syscall === 'sched_getattr',
  );
});
