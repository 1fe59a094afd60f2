import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { readRun } from '../results/run-folder.js';
import { preload } from './testing/preload.js';

/** Where others hold the fds that a pool begins with, and where a limit promises more than there can be. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-taken-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const shell = (line: string, env: NodeJS.ProcessEnv) =>
  spawnSync('sh', ['-c', line], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, POLLCOST: `${process.execPath} ${MAIN}`, ...env },
  });

/** NODE_OPTIONS under which every process holds so many files open from its start. */
function holding(files: number): { NODE_OPTIONS: string } {
  const module = join(folder, `holds-${files}.cjs`);
  writeFileSync(
    module,
    `globalThis.held = Array.from({ length: ${files} }, () => require('fs').openSync('/dev/null'));`,
  );
  return { NODE_OPTIONS: `--require ${module}` };
}

for (const files of [6, 15, 60]) {
  test(`every experiment on fds finds its own where a module holds ${files} files open`, () => {
    const out = join(folder, `held-${files}`);
    const ids = 'limits,watched-fds,highest-fd,memory,churn,cascade,idle';
    const args = `--experiments ${ids} --pollers epoll --connections 10 --launches 1 --seed 1 --no-report`;
    const { status, stderr } = shell(`$POLLCOST bench ${args} --out ${out}`, holding(files));
    assert.equal(status, 0, stderr);
    const { experiments, cells, warnings } = readRun(out);
    assert.deepEqual(
      experiments.filter((experiment) => experiment.status !== 'completed'),
      [],
    );
    assert.deepEqual(
      warnings.filter(({ code }) => code === 'launch-failed'),
      [],
    );
    const numbers = cells.flatMap(({ experiment, status: how, factors }) =>
      experiment === 'highest-fd' && how === 'measured' ? [Number(factors.highestFd)] : [],
    );
    assert.ok(Math.min(...numbers) >= 32 && Math.max(...numbers) > files, 'and they are above what is held');
    for (const cell of cells) {
      if (cell.experiment !== 'highest-fd' || cell.status === 'measured') continue;
      assert.match(cell.reason, /^fd \d+ is not free: what Node loads holds fds up to \d+/);
    }
  });
}

test('under a limit of a thousand million fds the C twin takes no more addresses than a pool can use', (t) => {
  const endless = preload(
    folder,
    'endless',
    `#include <sys/syscall.h>
    #include <unistd.h>
    int getrlimit(int resource, unsigned long *limits) {
      int result = syscall(SYS_prlimit64, 0, resource, 0, limits);
      if (resource == 7) limits[0] = limits[1] = 1ul << 30;
      return result;
    }`,
  );
  if (!endless) return void t.skip('there is no C compiler');
  const { status, stdout, stderr } = shell(
    'ulimit -v 4194304; CC=cc $POLLCOST doctor --speeds 0.1 --json',
    endless,
  );
  assert.equal(status, 0, stderr);
  const found = (id: string) => (JSON.parse(stdout) as Diagnosis[]).find((diagnosis) => diagnosis.id === id);
  assert.match(found('fd-limit')?.finding ?? '', /^1073741824 fds/);
  assert.equal(found('c-compiler')?.state, 'fine', found('c-compiler')?.finding);
});

for (const fds of [32, 34, 36]) {
  test(`under ${fds} fds bench and serve say in one line that they cannot be loaded`, () => {
    for (const command of ['bench --experiments limits', 'serve --poller epoll --app fixed']) {
      const { status, stderr } = shell(`cd ${folder}; ulimit -n ${fds}; $POLLCOST ${command} </dev/null`, {});
      assert.match(stderr, /^pollcost: .*(EMFILE|fds).*\n$/);
      assert.equal(status, 5);
    }
  });
}
