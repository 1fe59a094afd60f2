import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readText } from '../collectors/collector.js';
import { readRun, readSamples } from '../results/run-folder.js';
import { childrenOf } from '../testing/processes.js';
import { until } from '../testing/until.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** `bench` with the experiments that start servers, for real and short. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-servers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const env = { ...process.env, ...WITHOUT_TWIN };
const command = (args: string) => ['-c', `ulimit -n 200; exec "${process.execPath}" "${MAIN}" bench ${args}`];
const SHORT = '--experiments server,idle --pollers poll,epoll --connections 10 --seed 1';

/** One that has ended meanwhile is none. */
const isHerd = (pid: number): boolean =>
  readText(`/proc/${pid}/cmdline`)?.includes('/processes/herd/') ?? false;

const roundsIn = (out: string, experiment = ''): number =>
  existsSync(join(out, 'samples.ndjson'))
    ? readFileSync(join(out, 'samples.ndjson'), 'utf8').split(`"kind":"round","experiment":"${experiment}`)
        .length - 1
    : 0;

test('under 200 fds, with a herd that is killed: the run goes on, says why, and --resume makes up for it', async () => {
  const out = join(folder, 'run');
  const child = spawn('sh', command(`${SHORT} --out ${out}`), { cwd: folder, stdio: 'ignore', env });
  const exit = once(child, 'exit');
  const seen = new Set<number>();
  let herd: number | undefined;
  // One of a launch after the first, so that there is something to keep.
  await until(() => {
    const herds = childrenOf(child.pid as number).filter(isHerd);
    if (roundsIn(out, 'server') > 0) herd = herds.find((pid) => !seen.has(pid));
    for (const pid of herds) seen.add(pid);
    return herd !== undefined;
  }, 'a herd of a later launch');
  assert.ok(herd);
  process.kill(herd, 'SIGKILL');
  assert.deepEqual((await exit)[0], 1);
  const begun = readRun(out);
  assert.equal(begun.status, 'completed');
  // Experiments take turns, so it may be a herd of either.
  assert.deepEqual(begun.experiments.map(({ status }) => status).sort(), ['completed', 'failed']);
  const failed = begun.experiments.find((experiment) => experiment.status === 'failed');
  const reason = new RegExp(`${failed?.id}: .*herd: ended with SIGKILL`);
  assert.ok(begun.warnings.some(({ message }) => reason.test(message)));
  const kept = roundsIn(out);

  const { status, stderr } = spawnSync('sh', command(`--resume ${out}`), {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  assert.equal(status, 0, stderr);
  const run = readRun(out);
  assert.ok(run.experiments.every((experiment) => experiment.status === 'completed'));
  assert.ok(roundsIn(out) > kept);
  for (const cell of run.cells) {
    assert.equal(cell.factors.idle, 10);
    assert.equal(cell.status, 'measured', cell.id);
    if (cell.experiment === 'server') assert.equal(cell.metrics.errors?.high, 0, cell.id);
  }
  assert.ok(readSamples(out).lines.some(({ kind }) => kind === 'readings'));
});

test('more connections than a server may hold are refused', () => {
  const asked = command('--experiments server --connections 101');
  const { status, stderr } = spawnSync('sh', asked, { cwd: folder, encoding: 'utf8', env });
  assert.equal(status, 2);
  assert.match(stderr, /101 connections are more than this process may hold: at most 100 .*ulimit -n/);
});
