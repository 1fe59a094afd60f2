import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readRun, readSamples } from '../results/run-folder.js';
import { childrenOf } from '../testing/processes.js';
import { until } from '../testing/until.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** Two benches at once, and one after another that was killed. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-several-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const LAUNCHES = ['--launches', '2'];
const SHORT =
  `--experiments watched-fds --pollers poll,epoll --connections 1 ${LAUNCHES.join(' ')} --seed 1 --no-report`.split(
    ' ',
  );
const BENCH = [process.execPath, MAIN, 'bench'];
const env = { ...process.env, ...WITHOUT_TWIN };

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr };
}

const start = ([program = '', ...args]: readonly string[]): ChildProcess =>
  spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env });

const bothAtOnce = (...args: string[]): Promise<[Ended, Ended]> =>
  Promise.all([ended(start([...BENCH, ...args])), ended(start([...BENCH, ...args]))]);

/** Starts a bench and lets it finish a round of several of a launch, so that it is within another. */
async function begun(command: readonly string[], out: string): Promise<ChildProcess> {
  const child = start(command);
  const path = join(folder, out, 'samples.ndjson');
  await until(() => hasRound(path), 'a round');
  return child;
}

const hasRound = (path: string): boolean =>
  existsSync(path) && /"kind":"round","experiment":"watched-fds"/.test(readFileSync(path, 'utf8'));

const killed = async (child: ChildProcess, pid = child.pid as number): Promise<void> => {
  const exited = once(child, 'exit');
  process.kill(pid, 'SIGKILL');
  await exited;
};

/** Of two that want the same folder one goes on and the other says in one line why not. */
function assertOneRefused(both: readonly Ended[]): void {
  assert.deepEqual(both.map(({ status }) => status).sort(), [0, 2], both.map(({ stderr }) => stderr).join());
  const refused = both.find(({ status }) => status === 2);
  assert.match(
    refused?.stderr ?? '',
    /^pollcost: .*(is still running as process \d+|already holds a run); .*\n$/,
  );
}

function assertNoRoundTwice(out: string): void {
  const rounds = readSamples(join(folder, out)).lines.flatMap((line) =>
    line.kind === 'round' ? [`${line.experiment}/${line.launch}/${line.round}`] : [],
  );
  assert.ok(rounds.length > 0);
  assert.equal(new Set(rounds).size, rounds.length);
}

test('of two benches that want the same --out one runs', async () => {
  assertOneRefused(await bothAtOnce(...SHORT, '--out', 'same'));
  assertNoRoundTwice('same');
  assert.equal(readRun(join(folder, 'same')).status, 'completed');
});

test('of two that go on with the same run one does, and no round is measured twice', async () => {
  await killed(await begun([...BENCH, ...SHORT, '--out', 'begun'], 'begun'));
  assertOneRefused(await bothAtOnce('--resume', 'begun', ...LAUNCHES, '--no-report'));
  assertNoRoundTwice('begun');
  assert.equal(readRun(join(folder, 'begun')).status, 'completed');
});

test('two benches at once in one folder of results both work', async () => {
  const both = await bothAtOnce('--experiments', 'limits', '--pollers', 'poll', ...LAUNCHES, '--no-report');
  assert.deepEqual(
    both.map(({ status }) => status),
    [0, 0],
    both.map(({ stderr }) => stderr).join(),
  );
  const runs = readdirSync(join(folder, 'results')).filter((name) => name !== 'latest');
  assert.equal(runs.length, 2, 'and nothing else is left there');
  for (const run of runs) assert.equal(readRun(join(folder, 'results', run)).status, 'completed');
});

test('--resume results/latest goes on in the run that latest points to, and latest keeps pointing there', () => {
  const [program = '', ...args] = [...BENCH, '--resume', 'results/latest', ...LAUNCHES, '--no-report'];
  const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', env });
  assert.equal(status, 0, stderr);
  assert.equal(readRun(join(folder, 'results/latest')).status, 'completed');
});

const NAMESPACE = ['unshare', '-f', '-p', '--mount-proc', ...BENCH];
const canUnshare = spawnSync('unshare', ['-f', '-p', '--mount-proc', 'true']).status === 0;

test(
  'a run that was killed as process 1 of its namespace goes on in another that has a process 1',
  canUnshare ? {} : { skip: 'this user may not make a pid namespace' },
  async () => {
    const child = await begun([...NAMESPACE, ...SHORT, '--out', 'apart'], 'apart');
    const [first = 0] = childrenOf(child.pid as number);
    // However slow the next process is, this one is not over.
    process.kill(first, 'SIGSTOP');
    assert.equal(readRun(join(folder, 'apart')).pid, 1);
    assert.equal(readRun(join(folder, 'apart')).status, 'running', 'also seen from here');
    const meanwhile = await ended(start([...NAMESPACE, '--resume', 'apart', ...LAUNCHES]));
    assert.equal(meanwhile.status, 2);
    assert.match(meanwhile.stderr, /^pollcost: apart is still running as process 1; .*\n$/);
    await killed(child, first);
    assert.equal(readRun(join(folder, 'apart')).status, 'interrupted');
    const { status, stderr } = await ended(
      start([...NAMESPACE, '--resume', 'apart', ...LAUNCHES, '--no-report']),
    );
    assert.equal(status, 0, stderr);
    assertNoRoundTwice('apart');
  },
);

/** The round that a bench has finished last, if one of the same launch comes next. */
function midLaunch(out: string, roundsEach: number): string | undefined {
  const last = readSamples(join(folder, out)).lines.findLast((line) => line.kind === 'round');
  return last && last.round < roundsEach - 1 ? `${last.launch}/${last.round}` : undefined;
}

/**
 * Stops the children of a bench while it is within a launch, and waits until nothing is left to do but to wait for
 * them. It has finished the same before and after, so the launch is one of those whose process is stopped.
 */
async function stoppedWithinLaunch(bench: number, out: string, roundsEach: number): Promise<number[]> {
  let children: number[] = [];
  await until(async () => {
    const before = midLaunch(out, roundsEach);
    children = childrenOf(bench);
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    await sleep(1000);
    if (before !== undefined && midLaunch(out, roundsEach) === before) return true;
    for (const pid of children) process.kill(pid, 'SIGCONT');
    return false;
  }, 'a launch that has more than one round');
  return children;
}

test('a round in which everything stood still for a while is flagged', async () => {
  const { stdout } = spawnSync(process.execPath, [MAIN, 'bench', ...SHORT, '--dry-run', '--json'], {
    encoding: 'utf8',
    env,
  });
  const [{ rounds: planned, launches }] = JSON.parse(stdout).experiments;
  const child = await begun([...BENCH, ...SHORT, '--out', 'stopped'], 'stopped');
  const bench = child.pid as number;
  const children = await stoppedWithinLaunch(bench, 'stopped', planned / launches);
  process.kill(bench, 'SIGSTOP');
  // What is tested is that a time passes in which nothing moves: far longer than the plan's rounds of some tenths of a second.
  await sleep(4000);
  for (const pid of [bench, ...children]) process.kill(pid, 'SIGCONT');
  const { status, stderr } = await ended(child);
  assert.equal(status, 0, stderr);
  const rounds = readSamples(join(folder, 'stopped')).lines.filter((line) => line.kind === 'round');
  const still = rounds.find(({ seconds }) => seconds > 4);
  assert.ok(still, rounds.map(({ seconds }) => seconds).join());
  assert.ok(still.flags.includes('stretched'), still.flags.join());
});
