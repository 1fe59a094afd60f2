import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import '../harness/cli/begin.js';
import { hardFdLimit } from '../harness/collectors/rights.js';
import { readRun } from '../harness/results/run-folder.js';
import type { Run } from '../harness/results/run-schema.js';
import { importBase } from './container/base.js';
import { Engine, NoEngine, requirePrograms } from './container/engine.js';

/**
 * `npm run container`: builds the image from a base that is made here, in an engine that is started for it, measures in it,
 * and reads with the host's program what it wrote. Where there can be no engine it says why, and that is no failure.
 * --engine unix://SOCKET takes one that runs, --base IMAGE a base that it has or finds.
 */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));
const BASE = 'pollcost-base';
const IMAGE = 'pollcost';
const MOST_MIB_OVER_BASE = 250;
const BENCH =
  'bench --profile quick --experiments limits,watched-fds,idle,server --connections 10 --seed 1'.split(' ');
const DEADLINE_MS = 60_000;
/** An engine gives no more than it may have itself. */
const FDS = Math.min(32_768, hardFdLimit('self') ?? 1024);

const { values } = parseArgs({ options: { engine: { type: 'string' }, base: { type: 'string' } } });
const base = values.base ?? BASE;
const folder = mkdtempSync(join(tmpdir(), 'pollcost-container-'));
const results = join(folder, 'results');
let engine: Engine | null = null;
try {
  requirePrograms();
  engine = values.engine ? Engine.at(values.engine) : await Engine.start(join(folder, 'engine'));
  say('an engine runs');
  if (values.base === undefined) {
    await importBase(engine, folder, BASE);
    say('the base is made and imported');
  }
  build(engine);
  mkdirSync(results);
  chmodSync(results, 0o777);
  tryDefault(engine);
  tryPrivate(engine);
  await trySignal(engine);
} catch (error) {
  const isSkipped = error instanceof NoEngine;
  console.error(isSkipped ? `skipped: ${error.message}` : (error as Error).stack);
  if (!isSkipped) process.exitCode = 1;
} finally {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
}

function say(text: string): void {
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

function build(engine: Engine): void {
  const file = join(CHECKOUT, 'docker/Dockerfile');
  // The engine has no bridge; that it builds from the host's network changes nothing at run time.
  engine.docker([
    'build',
    '--network',
    'host',
    '--build-arg',
    `BASE=${base}`,
    '--file',
    file,
    '--tag',
    IMAGE,
    CHECKOUT,
  ]);
  const mib = (image: string) =>
    Math.round(Number(engine.docker(['image', 'inspect', '--format', '{{.Size}}', image]).stdout) / 2 ** 20);
  const over = mib(IMAGE) - mib(base);
  assert.ok(over <= MOST_MIB_OVER_BASE, `the image is ${over} MiB larger than its base`);
  say(`the image is built: ${mib(IMAGE)} MiB, ${over} over its base`);
}

/** As anybody starts it: no root, no network, the engine's own filter of system calls. */
function run(options: readonly string[], command: readonly string[]): string[] {
  const limits = ['--network', 'none', '--ulimit', `nofile=${FDS}:${FDS}`];
  return ['run', ...limits, '--volume', `${results}:/bench/results`, ...options, IMAGE, ...command];
}

function tryDefault(engine: Engine): void {
  engine.docker(run(['--rm'], BENCH));
  const measured = newest();
  const { container, cc, uid0, fdLimitHard } = measured.environment;
  assert.deepEqual({ container, uid0, fdLimitHard }, { container: true, uid0: false, fdLimitHard: FDS });
  assert.notEqual(cc, null, 'the C twin is there without a compiler');
  const servers = measured.cells.filter(({ experiment }) => experiment === 'server');
  assert.ok(servers.some(({ status, factors }) => status === 'measured' && factors.fileTable === 'shared'));
  const { stdout } = engine.docker(run(['--rm'], ['doctor']));
  assert.match(stdout, /shared with Node's other threads: unshare: EPERM/);
  assert.match(stdout, /docker run --security-opt seccomp=docker\/seccomp\.json/);
  assert.doesNotMatch(stdout, /npm |npx /);
  say(`bench and doctor run in it as uid 1000 without a network, and the host reads run ${measured.id}`);
}

/** With our own filter, which allows what the engine's does not, and no more. */
function tryPrivate(engine: Engine): void {
  const options = ['--rm', '--security-opt', `seccomp=${join(CHECKOUT, 'docker/seccomp.json')}`];
  engine.docker(run(options, BENCH));
  const { environment, cells } = newest();
  assert.equal(environment.unshare, true);
  assert.ok(cells.some(({ status, factors }) => status === 'measured' && factors.fileTable === 'private'));
  const namespace = [...options, '--entrypoint', 'unshare'];
  assert.match(engine.try(run(namespace, ['--user', 'true'])).stderr, /Operation not permitted/);
  say('docker/seccomp.json gives it a private file table, and no namespace');
}

/** As process 1 it ends by the signals that end any other, and its run can be gone on with. */
async function trySignal(engine: Engine): Promise<void> {
  const before = readdirSync(results).length;
  const id = engine.docker(run(['--detach'], ['bench', '--seed', '1'])).stdout.trim();
  const endMs = performance.now() + DEADLINE_MS;
  while (readdirSync(results).length === before || newest().status !== 'running') {
    if (performance.now() > endMs) throw new Error('the run did not begin');
    await sleep(100);
  }
  engine.docker(['stop', '--time', '30', id]);
  assert.equal(engine.docker(['inspect', '--format', '{{.State.ExitCode}}', id]).stdout.trim(), '143');
  engine.docker(['rm', id]);
  assert.equal(newest().status, 'interrupted');
  say('docker stop ends it with 143, and its run is whole');
}

/** The run that was written last, read and reported by the host's program. */
function newest(): Run {
  const latest = join(results, 'latest');
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'report', latest], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return readRun(latest);
}
