import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FreePages, freePagesAreReadable, pageBytes, pagesAtHand, pagesInZones } from './free-pages.js';
import { readSlabs } from './slabs.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-memory-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SLABINFO = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit>
eventpoll_epi       4992   5024    128   32    1 : tunables    0    0    0 : slabdata    157    157      0
anon_vma_chain      5300   5312     64   64    1 : tunables    0    0    0 : slabdata     83     83      0
ep_head             5120   5120     16  256    1 : tunables    0    0    0 : slabdata     20     20      0
`;

test('a merged cache is found under the name that slabinfo lists for it', () => {
  const root = join(folder, 'merged');
  mkdirSync(join(root, 'proc'), { recursive: true });
  writeFileSync(join(root, 'proc/slabinfo'), SLABINFO);
  const slabs = join(root, 'sys/kernel/slab');
  for (const real of [':A-0000128', ':A-0000064', 'ep_head'])
    mkdirSync(join(slabs, real), { recursive: true });
  symlinkSync(':A-0000128', join(slabs, 'eventpoll_epi'));
  symlinkSync(':A-0000064', join(slabs, 'eventpoll_pwq'));
  symlinkSync(':A-0000064', join(slabs, 'anon_vma_chain'));
  const found = readSlabs(['eventpoll_epi', 'eventpoll_pwq', 'ep_head', 'of_another_kernel'], root);
  assert.deepEqual(
    [...(found ?? [])],
    [
      ['eventpoll_epi', { objects: 4992, objectBytes: 128 }],
      ['eventpoll_pwq', { objects: 5300, objectBytes: 64 }],
      ['ep_head', { objects: 5120, objectBytes: 16 }],
    ],
  );
});

test('a kernel that says nothing about its slabs is null', () => {
  assert.equal(readSlabs(['ep_head'], join(folder, 'nowhere')), null);
});

test('free pages: the lengths of the free lists, and what each CPU keeps at hand', () => {
  assert.equal(
    pagesInZones(
      'Node 0, zone      DMA      1      0      2 \nNode 1, zone   Normal     10      1      0 \n',
    ),
    1 + 2 * 4 + 10 + 2,
  );
  assert.equal(
    pagesAtHand(
      'Node 0, zone   Normal\n  pages free     772915\n    cpu: 0\n              count:    3259\n' +
        '              high:     6000\n    cpu: 1\n              count:    5128\n',
    ),
    3259 + 5128,
  );
});

test('the running kernel has free pages and says how large they are', () => {
  const pages = new FreePages();
  assert.ok(pages.read() > 100);
  pages.close();
  assert.ok([4096, 16_384, 65_536].includes(pageBytes()));
});

const NORMAL = (free: readonly number[]) => `Node 0, zone   Normal ${free.join(' ')}\n`;

for (const kilobytes of [4, 16, 64]) {
  test(`pages of ${kilobytes} KiB: blocked pages are those that the free lists and the CPUs lack`, () => {
    const root = mkdtempSync(join(folder, 'pages-'));
    mkdirSync(join(root, 'proc/self'), { recursive: true });
    writeFileSync(join(root, 'proc/self/smaps'), `Size: 132 kB\nKernelPageSize: ${kilobytes} kB\n`);
    writeFileSync(join(root, 'proc/zoneinfo'), '    cpu: 0\n              count:    20\n');
    writeFileSync(join(root, 'proc/buddyinfo'), NORMAL([4, 3, 2]));
    assert.ok(freePagesAreReadable(root));
    const pages = new FreePages(root);
    const before = pages.read();
    writeFileSync(join(root, 'proc/buddyinfo'), NORMAL([1, 0, 2]));
    writeFileSync(join(root, 'proc/zoneinfo'), '    cpu: 0\n              count:    13\n');
    assert.equal((before - pages.read()) * pageBytes(root), (3 + 3 * 2 + 7) * kilobytes * 1024);
    pages.close();
  });
}

test('a kernel that does not say how many pages are free', () => {
  assert.equal(freePagesAreReadable(join(folder, 'nowhere')), false);
});
