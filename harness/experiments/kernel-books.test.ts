import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readBooks } from './kernel-books.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-books-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function planted(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'root-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const SLABS = {
  'proc/slabinfo':
    'slabinfo - version: 2.1\n# name\n' +
    'eventpoll_epi 100 128 128 32 1 : tunables\neventpoll_pwq 50 64 64 64 1 : tunables\nfilp 9 9 192 21 1 : tunables\n',
};
const VERSION_1 = {
  'proc/self/cgroup': '4:memory:/box\n0::/\n',
  'sys/fs/cgroup/memory/box/memory.kmem.usage_in_bytes': '40960\n',
};
const VERSION_2 = {
  'proc/self/cgroup': '0::/box\n',
  'sys/fs/cgroup/box/memory.current': '9\n',
  'sys/fs/cgroup/box/memory.stat': 'anon 1\nslab_reclaimable 5000\nslab_unreclaimable 2000\nslab 7000\n',
};
const KINDS = ['epitem', 'eppollEntry'] as const;
const SLAB_BYTES = 100 * (128 + 8) + 50 * (64 + 8);

test('slabinfo decides where it is open, and what a cgroup is charged stands beside', () => {
  assert.deepEqual(readBooks(KINDS, 8, planted({ ...SLABS, ...VERSION_1 })), [
    { metric: 'persistentBytesBySlabinfo', bytes: SLAB_BYTES },
    { metric: 'persistentBytesByMemoryKmem', bytes: 40_960 },
  ]);
  assert.deepEqual(readBooks(KINDS, 8, planted({ ...SLABS, ...VERSION_2 })), [
    { metric: 'persistentBytesBySlabinfo', bytes: SLAB_BYTES },
    { metric: 'persistentBytesByMemoryStat', bytes: 7000 },
  ]);
});

test('without slabinfo the cgroup decides, of either version', () => {
  assert.deepEqual(readBooks(KINDS, 8, planted(VERSION_1)), [
    { metric: 'persistentBytesByMemoryKmem', bytes: 40_960 },
  ]);
  assert.deepEqual(readBooks(KINDS, 8, planted(VERSION_2)), [
    { metric: 'persistentBytesByMemoryStat', bytes: 7000 },
  ]);
});

test("a container whose path is the host's reads its own group at the top", () => {
  const one = planted({
    'proc/self/cgroup': '4:memory:/docker/1f\n',
    'sys/fs/cgroup/memory/cgroup.procs': '1\n',
    'sys/fs/cgroup/memory/memory.kmem.usage_in_bytes': '8192\n',
  });
  assert.deepEqual(readBooks(KINDS, 8, one), [{ metric: 'persistentBytesByMemoryKmem', bytes: 8192 }]);
});

test('no memory cgroup: slabinfo alone, and nothing beside its objects', () => {
  const root = planted({ ...SLABS, 'proc/self/cgroup': '0::/\n' });
  assert.deepEqual(readBooks(KINDS, 0, root), [
    { metric: 'persistentBytesBySlabinfo', bytes: 100 * 128 + 50 * 64 },
  ]);
  const told = planted({ ...VERSION_2, 'proc/cmdline': 'cgroup.memory=nokmem\n' });
  assert.deepEqual(readBooks(KINDS, 0, told), []);
});

test('all books closed are none', () => {
  assert.deepEqual(readBooks(KINDS, 8, planted({})), []);
});
