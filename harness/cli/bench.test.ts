import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun, readSamples } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-bench-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SHORT = ['bench', '--connections', '1,100', '--seed', '42'];

test('a short run measures, judges, reports, and exits with 0', () => {
  const out = join(folder, 'short');
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...SHORT, '--out', out], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /seed 42/);
  assert.match(stdout, /regular-files +holds/);
  assert.match(stdout, /noise floor: two identical pollers differed by up to/);
  const run = readRun(out);
  assert.equal(run.status, 'completed');
  assert.deepEqual(
    run.experiments.map(({ id, status: how }) => [id, how]),
    [
      ['limits', 'completed'],
      ['watched-fds', 'completed'],
      ['highest-fd', 'completed'],
    ],
  );
  checkCells(run);
  checkPinnedVerdicts(run);
  const page = readFileSync(join(out, 'report/index.html'), 'utf8');
  assert.ok(page.includes(run.id));
  assert.equal(readlinkSync(join(folder, 'results/latest')), '../short');
});

/** Physics that hold on any machine: more fds cost select and poll more, and the kernel most of it. */
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
  for (const poller of ['select', 'poll']) assert.ok(cost(poller, 100) > 3 * cost(poller, 1), poller);
  assert.ok(cost('epoll', 100) < 2 * cost('epoll', 1));
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
  const args = [
    MAIN,
    'bench',
    '--experiments',
    'limits',
    '--pollers',
    'poll',
    '--json',
    '--out',
    join(folder, 'json'),
  ];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
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
  });
  assert.equal(status, 0);
  assert.match(stdout, /watched-fds +\d+ +\d+ +3 +\d+ +\d+/);
  assert.match(stdout, /about \d+ s in all/);
  assert.deepEqual(readdirSync(empty), []);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a run with ${code}, a readable folder and no process left`, async () => {
    const out = join(folder, signal);
    const child = spawn(process.execPath, [MAIN, 'bench', '--out', out], { cwd: folder, stdio: 'ignore' });
    while (!existsSync(join(out, 'samples.ndjson')) || readSamples(out).lines.length < 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const family = childrenOf(child.pid ?? 0);
    assert.ok(family.length > 0);
    child.kill(signal);
    const [status] = await once(child, 'exit');
    assert.equal(status, code);
    const run = readRun(out);
    assert.equal(run.status, 'interrupted');
    assert.ok(run.cells.some((cell) => cell.status === 'measured'));
    for (const pid of family) assert.equal(existsSync(`/proc/${pid}`), false, `process ${pid} is left`);
  });
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
