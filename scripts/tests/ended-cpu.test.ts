import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { cpuSecondsSinceLastAsked } from './ended-cpu.js';

const BUSY = 'const busy = () => process.cpuUsage().user < 200_000; while (busy());';

test('the CPU seconds of a process that ended are told once, with those of what it waited for', (t) => {
  if (cpuSecondsSinceLastAsked() === null) return void t.skip('there is no /proc');
  spawnSync(process.execPath, ['-e', BUSY]);
  assert.ok((cpuSecondsSinceLastAsked() ?? 0) > 0.15);
  assert.equal(cpuSecondsSinceLastAsked(), 0);
  spawnSync('sh', ['-c', `'${process.execPath}' -e '${BUSY}'; true`]);
  assert.ok((cpuSecondsSinceLastAsked() ?? 0) > 0.15);
});
