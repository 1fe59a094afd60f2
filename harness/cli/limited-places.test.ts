import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { readRun } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** Places that leave a program less than a shell of root's, each for real: it works with what is left, and says so. */

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-limited-'));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true }));

const NOBODY = 65_534;
const DEADLINE_MS = 240_000;

function shell(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync('sh', ['-euc', script, 'sh', ...args], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: { ...process.env, ...env },
  });
}

const warningsOf = ({ warnings }: Run) => new Map(warnings.map(({ code, message }) => [code, message]));
const statusesOf = ({ experiments }: Run) => new Set(experiments.map(({ status }) => status));

/**
 * Somebody without any right: their home and the program cannot be written, nor the folder for temporary files; they see no
 * processes but their own, and work in a folder with an uncommon name. $1: an empty folder, $2: the checkout, $3: Node.
 */
const AS_NOBODY = `
  program=$1/program home=$1/home closed=$1/closed work="$1/Größe läuft – 測る"
  mkdir -p "$program" "$home" "$closed" "$work"
  mount --bind "$2" "$program"
  mount -o remount,bind,ro "$program"
  mount -t tmpfs -o ro,mode=755 none "$home"
  mount -t proc -o hidepid=2 none /proc
  chown ${NOBODY} "$work"
  cd "$work"
  node=$3
  shift 3
  CC=cc HOME=$home TMPDIR=$closed exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups --no-new-privs \\
    "$node" "$program/dist/harness/cli/main.js" "$@"
`;

function asNobody(place: string, args: readonly string[]) {
  mkdirSync(place, { recursive: true });
  const command = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', AS_NOBODY, 'sh'];
  return spawnSync('unshare', [...command, place, CHECKOUT, process.execPath, ...args], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
}

/** Why nobody can be had here; the reason is written into the skip. */
function reasonAgainstNobody(): string | null {
  if (process.getuid?.() !== 0) return 'only root can become nobody';
  const { status, stderr } = asNobody(join(folder, 'tried'), ['--version']);
  return status === 0 ? null : `nobody can be had here: ${stderr.trim()}`;
}

const against = reasonAgainstNobody();

test('a user with no rights, a closed home, TMPDIR and checkout measures what is left and reports it', (t) => {
  if (against !== null) return void t.skip(against);
  const place = join(folder, 'nobody');
  const args =
    '--experiments limits,watched-fds,memory,idle --pollers poll,epoll --connections 10 --launches 1 --seed 1';
  const { status, stdout, stderr } = asNobody(place, ['bench', ...args.split(' ')]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /regular-files/);
  const results = join(place, 'Größe läuft – 測る', 'results');
  const run = readRun(join(results, 'latest'));
  assert.deepEqual([...statusesOf(run)], ['completed']);
  const { uid0, slabinfo, cc } = run.environment;
  assert.deepEqual({ uid0, slabinfo, cc }, { uid0: false, slabinfo: false, cc: null });
  assert.match(warningsOf(run).get('no-c-twin') ?? '', /EACCES/);
  assert.ok(existsSync(join(results, 'latest/report/index.html')));
  for (const { status: how, series, experiment } of run.cells) {
    if (series === 'pollcost' && experiment === 'watched-fds') assert.equal(how, 'measured');
  }
  const doctor = asNobody(place, ['doctor', '--json', '--speeds', '0.1']);
  assert.equal(doctor.status, 0, doctor.stderr);
  const states = new Map((JSON.parse(doctor.stdout) as Diagnosis[]).map(({ id, state }) => [id, state]));
  assert.deepEqual(
    ['turn-probe', 'c-compiler'].map((id) => states.get(id)),
    ['fine', 'missing'],
  );
  // Where slabinfo is closed a cgroup's books may be open.
  const isRead = run.cells.some(({ status, factors }) => status === 'measured' && factors.source === 'read');
  assert.equal(states.get('slabinfo'), isRead ? 'fine' : 'missing');
});

test('where neither the current folder nor --out can be written bench stops with one line', (t) => {
  if (against !== null) return void t.skip(against);
  const { status, stderr } = asNobody(join(folder, 'closed'), ['bench', '--out', '../closed/run']);
  assert.equal(status, 2);
  assert.match(stderr, /^pollcost: \.\.\/closed\/run cannot be written \(EACCES\); choose another --out\n$/);
});

test('under 1 024 fds servers hold as many connections as fit, and each experiment says so', () => {
  const out = join(folder, 'fds');
  const line =
    'ulimit -n 1024; exec "$1" "$2" bench --experiments limits,idle,server --pollers select,poll,epoll --launches 1 --seed 1 --no-report --out "$3"';
  const main = join(CHECKOUT, 'dist/harness/cli/main.js');
  const { status, stderr } = shell(line, [process.execPath, main, out], WITHOUT_TWIN);
  assert.equal(status, 0, stderr);
  const run = readRun(out);
  assert.deepEqual([...statusesOf(run)], ['completed']);
  assert.match(warningsOf(run).get('fd-limit') ?? '', /^a limit of 1024 fds allows \d+ connections/);
  const held = run.cells
    .filter(({ status: how }) => how === 'measured')
    .map(({ factors }) => Number(factors.idle ?? 0));
  assert.ok(Math.max(...held) > 500 && Math.max(...held) < 1024, `${Math.max(...held)} connections`);
});

const GROUPS = '/sys/fs/cgroup';
const LIMITS = [
  { controller: 'memory', file: 'memory.limit_in_bytes', value: String(512 * 2 ** 20) },
  { controller: 'cpu', file: 'cpu.cfs_quota_us', value: '50000' },
] as const;

/** Control groups of this test's own, version 1; removed with their test. Null where none can be made. */
function limitedGroups(t: TestContext): string[] | null {
  const name = `pollcost-test-${process.pid}`;
  const made: string[] = [];
  t.after(() => {
    for (const group of made) rmdirSync(group);
  });
  try {
    for (const { controller, file, value } of LIMITS) {
      const group = join(GROUPS, controller, name);
      mkdirSync(group);
      made.push(group);
      writeFileSync(join(group, file), value);
    }
    return made;
  } catch {
    return null;
  }
}

test('with 512 MiB and half a CPU a run is whole, and says which of its figures contain the pauses', (t) => {
  const groups = limitedGroups(t);
  if (groups === null) return void t.skip('no control groups of version 1 can be made here');
  const out = join(folder, 'groups');
  const line =
    'out=$1 node=$2 main=$3; shift 3; for group; do echo $$ >"$group/cgroup.procs"; done; ' +
    'exec "$node" "$main" bench --experiments limits,watched-fds --pollers epoll --connections 10 --launches 1 --seed 1 --out "$out"';
  const main = join(CHECKOUT, 'dist/harness/cli/main.js');
  const { status, stderr } = shell(line, [out, process.execPath, main, ...groups]);
  assert.equal(status, 0, stderr);
  const run = readRun(out);
  assert.match(warningsOf(run).get('cpu-quota') ?? '', /may use 0\.5 CPUs' time on \d+: wall times/);
  assert.ok(existsSync(join(out, 'report/index.html')));
  const wall = run.cells.flatMap(({ metrics }) => metrics.wallNsPerTurn ?? []);
  assert.ok(wall.length > 0);
  assert.ok(readdirSync(out).includes('samples.ndjson'));
});
