import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { readRun } from '../results/run-folder.js';
import { shared } from './testing/shared.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** Where a machine lacks what some of the program needs: the rest works, and what does not says what is missing. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-missing-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const env = { ...process.env, POLLCOST: `${process.execPath} ${MAIN}` };
const shell = (line: string, more: NodeJS.ProcessEnv = WITHOUT_TWIN) =>
  spawnSync('sh', ['-c', line], { encoding: 'utf8', timeout: 120_000, env: { ...env, ...more } });

/** What doctor found, by the id of its check. */
function found({ status, stdout, stderr }: SpawnSyncReturns<string>, id: string): Diagnosis {
  assert.equal(status, 0, stderr);
  const diagnosis = (JSON.parse(stdout) as Diagnosis[]).find((one) => one.id === id);
  assert.ok(diagnosis, `a check ${id}`);
  return diagnosis;
}

/** Ways to a Node without WebAssembly. Node's own line about the flag goes to stderr, too. */
const WITHOUT_WASM = {
  'a limit of 4 GiB on addresses': 'ulimit -v 4194304;',
  '--jitless': 'export NODE_OPTIONS=--jitless;',
};

for (const [what, before] of Object.entries(WITHOUT_WASM)) {
  for (const app of ['fixed', 'echo']) {
    test(`under ${what} serve --app ${app} works`, async () => {
      const line = `${before} exec $POLLCOST serve --poller epoll --app ${app}`;
      const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'ignore'], env });
      const [said] = await once(child.stdout, 'data');
      assert.match(String(said), /^listening on 127\.0\.0\.1:\d+\n$/);
      child.kill();
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
    });
  }

  test(`under ${what} serve --app http names WebAssembly in one line`, () => {
    const { status, stderr } = shell(`${before} $POLLCOST serve --poller epoll --app http`);
    const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: disabling'));
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0] ?? '', /^pollcost: server: the app http cannot be loaded: .*WebAssembly/);
    assert.equal(status, 5);
  });

  test(`under ${what} bench skips servers of the app http, and doctor says so`, () => {
    const out = join(folder, `wasm-${what.length}`);
    const args = `--experiments limits,idle --pollers epoll --connections 10 --launches 1 --seed 1 --no-report --out ${out}`;
    const { status, stderr } = shell(`${before} $POLLCOST bench ${args}`);
    assert.equal(status, 0, stderr);
    const [limits, idle] = readRun(out).experiments;
    assert.equal(limits?.status, 'completed');
    assert.match((idle?.status === 'skipped' && idle.reason) || '', /^no WebAssembly, which parses HTTP: /);
    const { state, finding, consequence } = found(
      shell(`${before} $POLLCOST doctor --speeds 0.1 --json`),
      'server',
    );
    assert.equal(state, 'missing');
    assert.match(finding, /WebAssembly/);
    assert.match(consequence ?? '', /idle: skipped/);
  });
}

const NETWORK = 'unshare -n sh -c';
const hasNetworks = shell(`${NETWORK} true`).status === 0;
const SMALL_BACKLOG = 'echo 8 > /proc/sys/net/core/somaxconn';
/** A network of which loopback is down, and its backlog small where a sandbox lets us say so. */
const inNetwork = shared(() => shell(`${NETWORK} "${SMALL_BACKLOG}; $POLLCOST doctor --speeds 0.1 --json"`));
const needsNetwork = hasNetworks ? {} : { skip: 'this sandbox allows no network namespace' };

test(
  'where loopback is down doctor has tried it, and the cells of bench that need it say so',
  needsNetwork,
  () => {
    const { state, finding, consequence } = found(inNetwork(), 'loopback');
    assert.equal(state, 'missing');
    assert.match(finding, /ENETUNREACH.*loopback is down/);
    assert.match(consequence ?? '', /watched-fds: .*server/);
    const out = join(folder, 'no-loopback');
    const args =
      '--experiments watched-fds,memory,churn,cascade,idle,server --pollers poll,epoll --connections 10 --launches 1 --seed 1 --no-report';
    const { status, stderr } = shell(`${NETWORK} "$POLLCOST bench ${args} --out ${out}"`, {});
    assert.equal(status, 0, stderr);
    const { cells, experiments, warnings } = readRun(out);
    assert.deepEqual(
      warnings.filter(({ code }) => code === 'launch-failed'),
      [],
    );
    assert.equal(experiments.find(({ id }) => id === 'cascade')?.status, 'completed');
    assert.equal(experiments.find(({ id }) => id === 'server')?.status, 'skipped');
    for (const cell of cells) {
      const needsIt = cell.factors.socket === 'tcp' || cell.factors.timeout === 'slept';
      if (!needsIt && cell.experiment !== 'server') continue;
      assert.match(cell.status === 'skipped' ? cell.reason : cell.id, /loopback is down|slept|cannot sleep/);
    }
  },
);

test('with a backlog of 8 doctor says so', needsNetwork, (t) => {
  if (shell(`${NETWORK} "${SMALL_BACKLOG}"`).status !== 0)
    return void t.skip('this sandbox allows no sysctl');
  const { state, finding, command } = found(inNetwork(), 'backlog');
  assert.equal(state, 'limited');
  assert.match(finding, /^8 connections may wait/);
  assert.match(command ?? '', /somaxconn=/);
});

test('a herd makes no more connections than may wait, whatever the backlog', needsNetwork, (t) => {
  const smaller = 'echo 64 > /proc/sys/net/core/somaxconn && ip link set lo up';
  if (shell(`${NETWORK} "${smaller}"`).status !== 0)
    return void t.skip('this sandbox allows no sysctl, or has no iproute2');
  const args = `--experiments idle --pollers epoll --connections 1500 --launches 1 --seed 1 --no-report --out ${folder}/waiting`;
  const { status, stdout, stderr } = shell(
    `${NETWORK} "${smaller}; $POLLCOST bench ${args} >&2 && grep TcpExt /proc/net/netstat"`,
    {},
  );
  assert.equal(status, 0, stderr);
  const [names = [], values = []] = stdout.split('\n').map((line) => line.split(' '));
  assert.equal(values[names.indexOf('ListenOverflows')], '0');
  assert.equal(readRun(join(folder, 'waiting')).cells[0]?.status, 'measured');
});

test('where few processes may run, doctor says how many, and bench why its own end', (t) => {
  const group = `/sys/fs/cgroup/pids/pollcost-${process.pid}`;
  if (shell(`mkdir ${group} && echo 20 > ${group}/pids.max`).status !== 0)
    return void t.skip('no group of processes can be made here');
  t.after(() => shell(`rmdir ${group}`));
  const within = `echo $$ > ${group}/cgroup.procs`;
  const { state, finding } = found(shell(`${within}; $POLLCOST doctor --speeds 0.1 --json`), 'processes');
  assert.equal(state, 'missing');
  assert.match(finding, /pids\.max 20/);
  const { status, stderr } = shell(
    `${within}; exec $POLLCOST bench --experiments limits --out ${folder}/few`,
    {},
  );
  assert.notEqual(status, 0);
  assert.match(stderr, /a thread or memory is refused: 'pollcost doctor' shows both limits/);
});
