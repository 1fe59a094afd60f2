import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { hardFdLimit } from '../harness/collectors/rights.js';
import { readRun } from '../harness/results/run-folder.js';
import type { Run } from '../harness/results/run-schema.js';
import { importBase, NODE_LINE } from './container/base.js';
import { comparedBench, runOnHost, sideBySide } from './container/compare-host.js';
import { Engine, NoEngine, requirePrograms } from './container/engine.js';
import { optionsOrExit } from './options.js';
import { binOf } from './package/steps.js';

/**
 * `npm run container`: builds the image from a base that is made here, in an engine that is started for it, measures in it,
 * and reads with the host's program what it wrote. Where there can be no engine it says why, and that is no failure.
 * --engine unix://SOCKET takes one that runs, --base IMAGE a base that it has or finds. --compare-host [--pairs 4] tries none of
 * that: it measures by turns on the host and in the image, on one Node, and holds the main ratios side by side.
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

const { values } = optionsOrExit({
  options: {
    engine: { type: 'string' },
    base: { type: 'string' },
    'compare-host': { type: 'boolean', default: false },
    pairs: { type: 'string', default: '4' },
  },
});
const base = values.base ?? BASE;
const folder = mkdtempSync(join(tmpdir(), 'pollcost-container-'));
const results = join(folder, 'results');
let engine: Engine | null = null;
try {
  // Whoever has both needs nothing of ours.
  if (values.engine === undefined || values.base === undefined) requirePrograms();
  engine = values.engine ? Engine.at(values.engine) : await Engine.start(join(folder, 'engine'));
  say('an engine runs');
  if (values.base === undefined) {
    await importBase(engine, folder, BASE);
    say('the base is made and imported');
  }
  requireRuns(engine, base);
  build(engine);
  mkdirSync(results);
  chmodSync(results, 0o777);
  if (values['compare-host']) compareHost(engine);
  else await tryAll(engine);
} catch (error) {
  const isSkipped = error instanceof NoEngine;
  console.error(isSkipped ? `skipped: ${error.message}` : (error as Error).stack);
  if (!isSkipped) process.exitCode = 1;
} finally {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function tryAll(engine: Engine): Promise<void> {
  tryDefault(engine);
  tryPrivate(engine);
  tryCompose(engine);
  await trySignal(engine);
}

/** An engine may start where no container can: without cgroups, for example. What fails here is not ours. @throws NoEngine */
function requireRuns(engine: Engine, image: string): void {
  const { status, stderr } = engine.try([
    'run',
    '--rm',
    '--network',
    'none',
    '--entrypoint',
    '/bin/true',
    image,
  ]);
  if (status !== 0)
    throw new NoEngine(`the engine cannot run a container: ${stderr.trim().split('\n').at(-1)}`);
}

function compareHost(engine: Engine): void {
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1) throw new RangeError('--pairs takes a whole number');
  const { bin } = binOf(NODE_LINE, folder);
  const filter = ['--rm', '--security-opt', `seccomp=${join(CHECKOUT, 'docker/seccomp.json')}`];
  const each = Array.from({ length: pairs }, (_, index) => {
    const [host, inside] = [join(results, `host-${index}`), `container-${index}`];
    const onHost = () => runOnHost(join(bin, 'node'), MAIN, host, index);
    const inImage = () =>
      engine.docker(run(filter, [...comparedBench(index), '--out', `/bench/results/${inside}`]));
    // Each is first as often as the other.
    for (const measure of index % 2 ? [inImage, onHost] : [onHost, inImage]) measure();
    say(`pair ${index + 1} of ${pairs} is measured`);
    return { host, container: join(results, inside) };
  });
  const { lines, beyond } = sideBySide(each);
  console.log(lines.join('\n'));
  if (beyond > 0) process.exitCode = 1;
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

/** Each service of the compose file, which lies beside another folder of results here. */
function tryCompose(engine: Engine): void {
  const place = join(folder, 'compose/docker');
  cpSync(join(CHECKOUT, 'docker'), place, { recursive: true });
  // It is made by the engine otherwise, and is root's.
  mkdirSync(join(folder, 'compose/results'));
  chmodSync(join(folder, 'compose/results'), 0o777);
  const file = join(place, 'compose.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('32768', String(FDS)));
  const args = '--profile quick --experiments limits,memory --connections 10 --seed 1'.split(' ');
  const ids = { UID: '1000', GID: '1000' };
  for (const service of ['bench', 'private', 'root']) {
    const ran = engine.compose(['run', '--rm', service, ...args], place, ids);
    if (ran.error) {
      say(`compose is left out: ${ran.error.message}`);
      return;
    }
    assert.equal(ran.status, 0, ran.stderr);
    const { environment } = readRun(join(folder, 'compose/results/latest'));
    const { container, uid0, unshare, slabinfo } = environment;
    const isRoot = service === 'root';
    assert.deepEqual(
      { container, uid0, unshare, slabinfo },
      {
        container: true,
        uid0: isRoot,
        unshare: service !== 'bench',
        slabinfo: isRoot && existsSync('/proc/slabinfo'),
      },
    );
  }
  say('docker-compose run: bench, private and root, each with the rights that it names');
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
