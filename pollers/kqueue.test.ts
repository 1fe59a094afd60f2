import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testContract } from './contract/suite.js';
import { assertReady, assertSilent, raise, send, Workbench } from './contract/workbench.js';
import { KqueuePoller } from './kqueue.js';
import { KEVENT_BYTES, type KqueueCalls, kqueueCalls } from './libc/bsd/kqueue.js';
import { loadLibrary } from './libc/call.js';
import { type Interest, READ, WRITE } from './poller.js';

/**
 * kqueue where there is one, and elsewhere over a shim of ours, which has no more of kqueue than its manual page says: what it
 * shows is that the poller asks as the page says, in both layouts of an event, not what a BSD makes of it.
 */

const SHIM = fileURLToPath(new URL('./testing/kqueue-shim.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-kqueue-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The shim for one layout, or why it cannot be had. */
function shim(eventBytes: number): KqueueCalls | string {
  const library = join(folder, `kqueue-${eventBytes}.so`);
  const flags = ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', `-DKEVENT_BYTES=${eventBytes}`];
  const built = spawnSync('cc', [...flags, '-o', library, SHIM], { encoding: 'utf8' });
  if (built.error) return `no C compiler: ${built.error.message}`;
  assert.equal(built.status, 0, built.stderr);
  return kqueueCalls(loadLibrary(library), eventBytes);
}

if (process.platform in KEVENT_BYTES) {
  testContract('kqueue');
} else {
  for (const [system, eventBytes] of Object.entries(KEVENT_BYTES)) {
    const calls = shim(eventBytes);
    if (typeof calls === 'string') {
      test(`the contract of kqueue as on ${system}`, { skip: calls }, () => {});
      continue;
    }
    // macOS has no eventfd: the suite does without, here as there.
    testContract(`kqueue as on ${system}`, (options) => new KqueuePoller({ ...options, calls }), {
      withoutEventfd: system === 'darwin',
    });
    testBothWays(system, calls);
  }
}

function testBothWays(system: string, calls: KqueueCalls): void {
  const onBench = async (run: (bench: Workbench, poller: KqueuePoller) => void) => {
    const bench = new Workbench({ name: 'kqueue', create: () => new KqueuePoller({ calls }) });
    try {
      run(bench, bench.poller() as KqueuePoller);
    } finally {
      await bench.clear();
    }
  };

  test(`kqueue as on ${system} makes one record of the two events of an fd, and looks at both`, () =>
    onBench((bench, poller) => {
      const fds = Array.from({ length: 40 }, () => bench.raisedEventfd());
      for (const fd of fds) poller.register(fd, (READ | WRITE) as Interest);
      // The first wait fills its room for 64 events.
      poller.wait(0);
      assertReady(
        poller,
        fds.map((fd) => [fd, READ | WRITE]),
      );
      assert.equal(poller.fdsExamined, 80);
    }));

  test(`kqueue as on ${system} ends what is no longer wanted, and only that`, () =>
    onBench((bench, poller) => {
      const [fd, peer] = bench.pair();
      poller.register(fd, READ);
      assertSilent(poller);
      poller.modify(fd, (READ | WRITE) as Interest);
      assertReady(poller, [[fd, WRITE]]);
      poller.modify(fd, READ);
      assertSilent(poller);
      send(peer, 'x');
      assertReady(poller, [[fd, READ]]);
      poller.modify(fd, WRITE);
      assertReady(poller, [[fd, WRITE]]);
    }));

  test(`kqueue as on ${system} keeps nothing of an fd of which the kernel refuses one direction`, () =>
    onBench((bench, poller) => {
      const fd = bench.eventfd();
      poller.register(fd, WRITE);
      bench.close(fd);
      bench.moveTo(bench.eventfd(), fd);
      // READ is taken for the new file before WRITE of the old one is found gone.
      assert.throws(() => poller.modify(fd, READ), { code: 'ENOENT' });
      assert.equal(poller.size, 0);
      raise(fd);
      assertSilent(poller);
    }));
}

test('without a kqueue its poller says where there is one', () => {
  if (process.platform in KEVENT_BYTES) return;
  assert.throws(() => new KqueuePoller(), /there is no kqueue on linux/);
});
