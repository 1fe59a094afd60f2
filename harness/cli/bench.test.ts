import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readText } from '../collectors/collector.js';
import { readRun, readSamples } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import { childrenOf, untilGone } from '../testing/processes.js';
import { until } from '../testing/until.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-bench-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** All but one run is without the C twin; that one is resumed with it. */
const UNTWINNED = { ...process.env, ...WITHOUT_TWIN };

/** The fewest of which one can be later than another. */
const LAUNCHES = ['--launches', '2'];
const SHORT = [
  'bench',
  ...LAUNCHES,
  ...['--experiments', 'limits,watched-fds,cascade'],
  ...['--pollers', 'select,poll,epoll'],
  ...['--connections', '1,100'],
  ...['--seed', '42'],
];

test('a short run measures, judges, reports, and exits with 0', () => {
  const out = join(folder, 'short');
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...SHORT, '--out', out], {
    cwd: folder,
    encoding: 'utf8',
    env: UNTWINNED,
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /seed 42/);
  assert.match(stdout, /regular-files +holds/);
  assert.match(stdout, /noise floor: two identical pollers differ by/);
  const run = readRun(out);
  assert.equal(run.status, 'completed');
  assert.deepEqual(
    run.experiments.map(({ id, status: how }) => [id, how]),
    [
      ['limits', 'completed'],
      ['watched-fds', 'completed'],
      ['cascade', 'completed'],
    ],
  );
  checkCells(run);
  checkPinnedVerdicts(run);
  const page = readFileSync(join(out, 'report/index.html'), 'utf8');
  assert.ok(page.includes(run.id));
  assert.equal(readlinkSync(join(folder, 'results/latest')), '../short');
});

/** Physics that hold on any machine, however busy: more fds cost select and poll far more, in proportion, than epoll. */
function checkCells(run: Run): void {
  const cost = (poller: string, watched: number, metric = 'cpuNsPerTurn') => {
    const cell = run.cells.find(
      ({ experiment, poller: name, series, factors }) =>
        experiment === 'watched-fds' &&
        name === poller &&
        series === 'pollcost' &&
        factors.watched === watched &&
        factors.ready === 0,
    );
    assert.equal(cell?.status, 'measured', `${poller} at ${watched}`);
    return cell.metrics[metric]?.value ?? Number.NaN;
  };
  const growth = (poller: string) => cost(poller, 100) / cost(poller, 1);
  for (const poller of ['select', 'poll']) assert.ok(growth(poller) > 2 * growth('epoll'), poller);
  for (const { id, experiment, poller, series, factors } of run.cells) {
    const listed = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
    assert.equal(id, `${experiment}/${poller}/${series}/${listed.join(',')}`);
  }
}

function checkPinnedVerdicts(run: Run): void {
  const verdicts = Object.fromEntries(run.claims.map(({ id, verdict }) => [id, verdict]));
  assert.equal(verdicts['regular-files'], 'holds');
  assert.equal(verdicts['idle-is-free'], 'undecided', '1 000 fds were not measured');
  assert.ok(run.noise.aaRatio);
}

test('every sample belongs to a finished round, and the file starts with its run', () => {
  const { lines } = readSamples(join(folder, 'short'));
  assert.equal(lines[0]?.kind, 'run');
  const finished = new Set(
    lines.flatMap((line) =>
      line.kind === 'round' ? [`${line.experiment}/${line.launch}/${line.round}`] : [],
    ),
  );
  for (const line of lines) {
    if (line.kind === 'sample') assert.ok(finished.has(`${line.experiment}/${line.launch}/${line.round}`));
  }
});

test('--json prints run.json and nothing else on stdout; --pollers and --experiments choose', () => {
  const only = ['--experiments', 'limits', '--pollers', 'poll'];
  const args = [MAIN, 'bench', ...only, '--json', '--out', join(folder, 'json')];
  const { stdout, status } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: UNTWINNED,
  });
  assert.equal(status, 0);
  const run = JSON.parse(stdout) as Run;
  assert.deepEqual(run, readRun(join(folder, 'json')));
  assert.ok(run.cells.length > 0 && run.cells.every(({ poller }) => poller === 'poll'));
});

test('--dry-run prints the plan and writes nothing', () => {
  const empty = mkdtempSync(join(folder, 'dry-'));
  const { stdout, status } = spawnSync(process.execPath, [MAIN, 'bench', '--dry-run'], {
    cwd: empty,
    encoding: 'utf8',
    env: UNTWINNED,
  });
  assert.equal(status, 0);
  assert.match(stdout, /watched-fds +\d+ +\d+ +\d+ +\d+ +\d+/);
  assert.match(stdout, /about \d+ s in all/);
  assert.deepEqual(readdirSync(empty), []);
});

/** One run that much happens to, from test to test, before it is whole. */
const TROUBLED = join(folder, 'troubled');

/** Starts or resumes it, and stops it within a round, some rounds later: however slow this test is, most of the run is left. */
async function onTheWay(args: readonly string[]) {
  const before = linesIn(TROUBLED);
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: 'ignore',
    env: UNTWINNED,
  });
  await until(() => hasWritten(child, TROUBLED, before + 1), 'the lines of a round');
  child.kill('SIGSTOP');
  const family = childrenOf(child.pid as number);
  assert.ok(family.length > 0);
  return { child, family };
}

function hasWritten(child: ChildProcess, out: string, lines: number): boolean {
  assert.equal(child.exitCode ?? child.signalCode, null, 'the bench ended too soon');
  return linesIn(out) > lines;
}

/** One that has ended meanwhile is none. */
const isProbe = (pid: number): boolean =>
  readText(`/proc/${pid}/cmdline`)?.includes('/processes/turn-probe/') ?? false;

const linesIn = (out: string): number => {
  const path = join(out, 'samples.ndjson');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
};

const resume = (out: string, more: readonly string[] = [], env: NodeJS.ProcessEnv = UNTWINNED) =>
  spawnSync(process.execPath, [MAIN, 'bench', '--resume', out, ...LAUNCHES, ...more], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });

const RESUME = ['bench', '--resume', TROUBLED, ...LAUNCHES, '--no-report'];
let startedAt: string | undefined;
let finished = Buffer.alloc(0);

/** That no finished round was lost since it was looked at last, nor any repeated. */
function assertKept(): void {
  const path = join(TROUBLED, 'samples.ndjson');
  const now = readFileSync(path).subarray(0, readSamples(TROUBLED).finishedBytes);
  assert.deepEqual(now.subarray(0, finished.length), finished, 'no finished round was lost');
  assert.ok(now.length > finished.length, 'and there are more');
  finished = now;
  const rounds = readSamples(TROUBLED).lines.flatMap((line) =>
    line.kind === 'round' ? [`${line.experiment}/${line.launch}/${line.round}`] : [],
  );
  assert.equal(new Set(rounds).size, rounds.length, 'no round was repeated');
}

for (const [signal, code, args] of [
  ['SIGINT', 130, [...SHORT, '--no-report', '--out', TROUBLED]],
  ['SIGTERM', 143, RESUME],
  ['SIGKILL', null, RESUME],
] as const) {
  test(`${signal} leaves a readable folder and no process; nobody else resumes before`, async () => {
    const { child, family } = await onTheWay(args);
    const { status, stderr } = resume(TROUBLED);
    assert.match(stderr, /is still running as process \d+/);
    assert.equal(status, 2);
    child.kill(signal);
    child.kill('SIGCONT');
    const [exitCode] = await once(child, 'exit');
    assert.equal(exitCode, code);
    await untilGone(...family);
    const begun = readRun(TROUBLED);
    assert.equal(begun.status, 'interrupted');
    startedAt ??= begun.startedAt;
    assert.equal(begun.startedAt, startedAt);
    assert.equal(begun.planHash, readRun(join(folder, 'short')).planHash);
    assertKept();
  });
}

test('--resume makes up for all of it: the same plan, complete', () => {
  const { status, stdout, stderr } = resume(TROUBLED);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /regular-files +holds/);
  assertKept();
  const [run, whole] = [readRun(TROUBLED), readRun(join(folder, 'short'))];
  assert.equal(run.status, 'completed');
  assert.equal(run.startedAt, startedAt);
  assert.ok(run.experiments.every((experiment) => experiment.status === 'completed'));
  assert.deepEqual(
    run.experiments.map(({ id, rounds }) => [id, rounds]),
    whole.experiments.map(({ id, rounds }) => [id, rounds]),
  );
  assert.deepEqual(
    run.cells.map(({ id, status: how }) => [id, how]),
    whole.cells.map(({ id, status: how }) => [id, how]),
  );
});

test('a subject that is killed fails its launch only, with the reason, and the resumed run makes up for it', async () => {
  const out = join(folder, 'killed-subject');
  const small = ['--experiments', 'highest-fd', '--pollers', 'poll', '--no-report', '--out', out];
  const child = spawn(process.execPath, [MAIN, 'bench', ...LAUNCHES, ...small], {
    cwd: folder,
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  // That of the first launch: at the end of the last one nobody would miss it.
  let probe: number | undefined;
  await until(() => {
    probe = hasWritten(child, out, 0) ? childrenOf(child.pid as number).find(isProbe) : undefined;
    return probe !== undefined;
  }, 'the probe of a launch');
  process.kill(probe ?? 0, 'SIGKILL');
  assert.deepEqual(await exit, [1, null]);
  const run = readRun(out);
  assert.equal(run.status, 'completed');
  const [failed] = run.experiments;
  assert.match(failed?.status === 'failed' ? failed.reason : '', /turn probe: ended with SIGKILL/);
  assert.ok(run.warnings.some(({ code }) => code === 'launch-failed'));
  assert.ok(run.cells.some((cell) => cell.status === 'measured'));
  const rounds = failed?.rounds ?? 0;
  assert.ok(rounds > 0);

  const { status, stderr } = resume(out, ['--no-report'], process.env);
  assert.equal(status, 0, stderr);
  const whole = readRun(out);
  assert.deepEqual(
    whole.experiments.map(({ status: how }) => how),
    ['completed'],
  );
  assert.ok((whole.experiments[0]?.rounds ?? 0) > rounds);
  assert.equal(whole.planHash, run.planHash);
});

test('a complete run is judged again and measures nothing', () => {
  const out = join(folder, 'short');
  const before = readFileSync(join(out, 'samples.ndjson'));
  const { status } = resume(out, ['--no-report']);
  assert.equal(status, 0);
  assert.deepEqual(readFileSync(join(out, 'samples.ndjson')), before);
});

const REFUSED: Record<string, [more: string[], message: RegExp]> = {
  'another seed': [['--seed', '43'], /is a run of another plan/],
  'other experiments': [['--experiments', 'limits'], /is a run of another plan/],
  'other counts': [['--connections', '1,200'], /is a run of another plan/],
  'another folder': [['--out', 'elsewhere'], /leave --out away/],
};

for (const [name, [more, message]] of Object.entries(REFUSED)) {
  test(`--resume with ${name} is refused and nothing lost`, () => {
    const out = join(folder, 'short');
    const before = [readFileSync(join(out, 'run.json')), readFileSync(join(out, 'samples.ndjson'))];
    const { status, stderr } = resume(out, more);
    assert.match(stderr, message);
    assert.equal(status, 2);
    assert.deepEqual(
      [readFileSync(join(out, 'run.json')), readFileSync(join(out, 'samples.ndjson'))],
      before,
    );
  });
}

test('--resume of a damaged samples.ndjson: a cut last line goes on, damage elsewhere is refused', () => {
  const out = join(folder, 'short');
  const path = join(out, 'samples.ndjson');
  const whole = readFileSync(path, 'utf8');
  appendFileSync(path, '{"kind":"sample","experiment":"watched-');
  assert.equal(resume(out, ['--no-report']).status, 0);
  assert.equal(readFileSync(path, 'utf8'), whole);
  const lines = whole.split('\n');
  writeFileSync(path, [...lines.slice(0, 3), 'garbage', ...lines.slice(4)].join('\n'));
  const { status, stderr } = resume(out);
  assert.match(stderr, /samples\.ndjson: line 4: is cut off or is not JSON/);
  assert.equal(status, 2);
  writeFileSync(path, whole);
});
