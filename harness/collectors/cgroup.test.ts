import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { allowedByGroup, cpuQuota, kernelMemoryIsCharged } from './cgroup.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-cgroup-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function planted(files: Record<string, string>): string {
  const root = mkdtempSync(join(folder, 'root-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('the tightest quota of version 2 counts, whichever ancestor has it', () => {
  const root = planted({
    'proc/self/cgroup': '0::/a.slice/b.scope\n',
    'sys/fs/cgroup/a.slice/cpu.max': '150000 100000\n',
    'sys/fs/cgroup/a.slice/b.scope/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/a.slice/b.scope/cpuset.cpus.effective': '0-3\n',
    'sys/fs/cgroup/cpuset.cpus.effective': '0-7\n',
  });
  assert.equal(cpuQuota(root), 1.5);
  assert.equal(allowedByGroup(root), '0-3');
});

test("version 1 in a container, where the path is the host's", () => {
  const root = planted({
    'proc/self/cgroup': '4:cpuset:/docker/1f\n3:cpu,cpuacct:/docker/1f\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/cpuset/cpuset.cpus': '2\n',
  });
  assert.equal(cpuQuota(root), 0.5);
  assert.equal(allowedByGroup(root), '2');
});

test('no quota, no groups and no /proc are no limit', () => {
  const unlimited = planted({
    'proc/self/cgroup': '0::/\n1:cpu:/x\n',
    'sys/fs/cgroup/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/cpu/x/cpu.cfs_quota_us': '-1\n',
    'sys/fs/cgroup/cpu/x/cpu.cfs_period_us': '100000\n',
  });
  assert.equal(cpuQuota(unlimited), null);
  assert.equal(cpuQuota(planted({})), null);
  assert.equal(allowedByGroup(planted({})), null);
});

test("kernel memory is charged in any memory group but the root's, also where a container shows it as the root", () => {
  const in2 = (path: string, files: Record<string, string> = {}) =>
    planted({ 'proc/self/cgroup': `0::${path}\n`, ...files });
  assert.equal(kernelMemoryIsCharged(in2('/')), false);
  assert.equal(kernelMemoryIsCharged(in2('/a', { 'sys/fs/cgroup/a/memory.current': '1\n' })), true);
  assert.equal(kernelMemoryIsCharged(in2('/', { 'sys/fs/cgroup/memory.current': '1\n' })), true);
  const in1 = (path: string, files: Record<string, string> = {}) =>
    planted({ 'proc/self/cgroup': `5:cpu:/x\n4:memory:${path}\n0::/\n`, ...files });
  const top = { 'sys/fs/cgroup/memory/cgroup.procs': '1\n' };
  assert.equal(kernelMemoryIsCharged(in1('/box')), true);
  assert.equal(kernelMemoryIsCharged(in1('/', top)), true);
  assert.equal(
    kernelMemoryIsCharged(in1('/', { ...top, 'sys/fs/cgroup/memory/release_agent': '\n' })),
    false,
  );
  assert.equal(kernelMemoryIsCharged(in1('/box', { 'proc/cmdline': 'quiet cgroup.memory=nokmem\n' })), false);
  assert.equal(kernelMemoryIsCharged(planted({})), false);
});
