import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startLibevent } from '../../control/parent.js';

const DEADLINE_MS = 60_000;
const conditions = { pairs: 20, active: 2, writes: 30 };

/** Starts the process with these variables of the environment instead of its own. */
async function withLibevent(
  env: Record<string, string>,
  use: (libevent: ReturnType<typeof startLibevent>) => Promise<void>,
): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  const libevent = startLibevent();
  process.env = before;
  try {
    await use(libevent);
  } finally {
    await libevent.end();
  }
  assert.equal(existsSync(`/proc/${libevent.pid}`), false);
}

/** A program in a folder of its own. */
async function withProgram(script: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-test-'));
  try {
    const path = join(folder, 'program');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the C driver makes chains on each of libevent's backends", (t) =>
  withLibevent({}, async (libevent) => {
    const { driver } = await libevent.request('start', { cpu: null }, DEADLINE_MS);
    if (!driver.ok) {
      t.skip(driver.reason);
      return;
    }
    for (const backend of ['select', 'poll', 'epoll'] as const) {
      const { cpuNs, wallNs } = await libevent.request(
        'chains',
        { backend, conditions, count: 5 },
        DEADLINE_MS,
      );
      for (const times of [cpuNs, wallNs]) {
        assert.equal(times.length, 5);
        assert.ok(
          times.every((ns) => ns > 1000),
          `${backend}: ${times}`,
        );
      }
    }
    const tooMany = { ...conditions, pairs: 100_000_000 };
    await assert.rejects(
      libevent.request('chains', { backend: 'epoll', conditions: tooMany, count: 1 }, DEADLINE_MS),
      /libevent: ended with code 1: (socketpair|setrlimit)/,
    );
  }));

test('without a compiler, or without libevent, there is a reason instead of a driver', async () => {
  const reasonWith = async (compiler: string) => {
    let reason = '';
    await withLibevent({ CC: compiler }, async (libevent) => {
      const { driver } = await libevent.request('start', { cpu: null }, DEADLINE_MS);
      if (!driver.ok) reason = driver.reason;
      const ask = { backend: 'epoll', conditions, count: 1 } as const;
      await assert.rejects(libevent.request('chains', ask, DEADLINE_MS), /the driver was not built/);
    });
    return reason;
  };
  assert.match(await reasonWith('/nowhere/cc'), /no C compiler: \/nowhere\/cc is not on the PATH/);
  const noHeader =
    'echo "cascade.c:7:10: fatal error: event2/event.h: No such file or directory" >&2; exit 1';
  await withProgram(noHeader, async (compiler) => {
    assert.match(await reasonWith(compiler), /libevent-dev is not installed: .*event2\/event\.h/);
  });
});

test("libevent's own benchmark gets the same conditions, and what it prints is taken as it is", () =>
  withProgram('[ "$*" = "-m poll -n 20 -a 2 -w 30" ] && printf "250\\n 900 310\\n"', (path) =>
    withLibevent({ LIBEVENT_BENCH: path, CC: '/nowhere/cc' }, async (libevent) => {
      const { bench } = await libevent.request('start', { cpu: null }, DEADLINE_MS);
      assert.deepEqual(bench, { ok: true });
      const { wallUs } = await libevent.request('bench', { backend: 'poll', conditions }, DEADLINE_MS);
      assert.deepEqual(wallUs, [250, 310]);
      await assert.rejects(
        libevent.request('bench', { backend: 'epoll', conditions }, DEADLINE_MS),
        /libevent: ended with code 1/,
      );
    }),
  ));

test('a benchmark that is not there, or prints no times, is named', async () => {
  await withLibevent({ LIBEVENT_BENCH: '/nowhere/bench', CC: '/nowhere/cc' }, async (libevent) => {
    const { bench } = await libevent.request('start', { cpu: null }, DEADLINE_MS);
    assert.deepEqual(bench, {
      ok: false,
      reason: 'LIBEVENT_BENCH names /nowhere/bench, which is not there',
    });
  });
  await withProgram('echo usage: bench', (path) =>
    withLibevent({ LIBEVENT_BENCH: path, CC: '/nowhere/cc' }, async (libevent) => {
      await libevent.request('start', { cpu: null }, DEADLINE_MS);
      await assert.rejects(
        libevent.request('bench', { backend: 'epoll', conditions }, DEADLINE_MS),
        /printed something else than times: usage: bench/,
      );
    }),
  );
});
