import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-history-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const pollcost = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000 });

const METRIC = 'watched-fds/poll/cpuNsPerTurn(watched=100,ready=0,position=none,timeout=zero)';
const FIRST = join(folder, 'first');

/** The first run again on another day, with the figures of poll times a factor. */
function copyOf(name: string, day: number, factor: number): string {
  const copy = join(folder, name);
  cpSync(FIRST, copy, { recursive: true });
  const change = (file: string, by: (text: string) => string) =>
    writeFileSync(join(copy, file), by(readFileSync(join(copy, file), 'utf8')));
  change('run.json', (text) =>
    text.replace(/"startedAt": "\d{4}-\d{2}-\d{2}/, `"startedAt": "2026-01-${String(day).padStart(2, '0')}`),
  );
  change('samples.ndjson', (text) =>
    text.replaceAll(
      /("cell":"watched-fds\/poll\/.*?"cpuNsPerTurn":)([\d.]+)/g,
      (_, head, ns) => `${head}${Number(ns) * factor}`,
    ),
  );
  return name;
}

before(() => {
  const { status, stderr } = pollcost(
    ...['bench', '--experiments', 'watched-fds', '--pollers', 'poll,epoll', '--connections', '100'],
    ...['--launches', '2', '--no-report', '--seed', '1', '--out', FIRST],
  );
  assert.equal(status, 0, stderr);
});

test('a run does not differ from itself, and one that costs twice as much does, by about that', () => {
  copyOf('double', 2, 2);
  const same = pollcost('compare', 'first', 'first', '--json');
  assert.equal(same.status, 0, same.stderr);
  const metrics: { isBeyondNoise: boolean }[] = JSON.parse(same.stdout).metrics;
  assert.ok(metrics.length > 10 && !metrics.some(({ isBeyondNoise }) => isBeyondNoise));
  const { stdout } = pollcost('compare', 'first', 'double', '--json');
  const found = JSON.parse(stdout).metrics.find(({ id }: { id: string }) => id === METRIC);
  assert.ok(Math.abs(found.ratio.value - 2) < 1e-6, JSON.stringify(found));
  assert.match(pollcost('compare', 'first', 'double', '--markdown').stdout, /^## double against first/);
  assert.equal(pollcost('compare', 'first', 'double', '--json', '--markdown').status, 2);
});

test('between two runs a ratio that doubled fails the gate, a time that doubled does not, and it says why', () => {
  copyOf('growth', 3, 2);
  const { status, stdout, stderr } = pollcost(
    'gate',
    '--baseline',
    'first',
    '--current',
    'growth',
    '--metric',
    'overPoll;cpuNsPerTurn',
    '--json',
  );
  const gate = JSON.parse(stdout);
  const verdictsOf = (metric: string) =>
    new Set(
      gate.metrics
        .filter(({ id }: { id: string }) => id.includes(metric))
        .map(({ level }: { level: string }) => level),
    );
  assert.deepEqual([...verdictsOf('cpuNsPerTurn')], ['off']);
  assert.deepEqual([...verdictsOf('overPoll')], ['error']);
  assert.notEqual(status, 3, stderr);
  assert.match(stderr, /times and CPU per request are shown and not gated/);
  const back = pollcost('gate', '--baseline', 'growth', '--current', 'first', '--metric', 'epoll/overPoll');
  assert.ok([0, 3].includes(back.status ?? -1), back.stderr);
  assert.match(back.stdout, /epoll\/overPoll\(watched=100,.*\): (regression|inconclusive), \+/);
});

test('a run of another schema is refused by what reads two', () => {
  const old = join(folder, 'old');
  cpSync(FIRST, old, { recursive: true });
  const text = readFileSync(join(old, 'run.json'), 'utf8');
  writeFileSync(join(old, 'run.json'), text.replace(/"schemaVersion": \d+/, '"schemaVersion": 99'));
  for (const args of [
    ['compare', 'first', 'old'],
    ['gate', '--baseline', 'old', '--current', 'first'],
    ['history', 'old'],
  ]) {
    const { status, stderr } = pollcost(...args);
    assert.equal(status, 2);
    assert.match(stderr, /^pollcost: .*schemaVersion: 99 is newer[^\n]*\n$/);
  }
});

test('history draws a metric over time with its intervals, and marks the step where it is', () => {
  const days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const runs = days.map((day) => copyOf(`day${day}`, day, day <= 5 ? 1 + day / 1000 : 1.5 + day / 1000));
  const { status, stdout, stderr } = pollcost('history', ...runs.toReversed(), '--metric', METRIC);
  assert.equal(status, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines[0], METRIC);
  assert.equal(lines.at(-1), '10 runs, one step');
  const step = lines.findIndex((line) => line.includes('step: +'));
  assert.match(lines[step] ?? '', /step: \+(49|50)\.\d %/);
  assert.match(lines[step + 1] ?? '', /^2026-01-06/);
  const { points } = JSON.parse(pollcost('history', ...runs, '--metric', METRIC, '--json').stdout);
  assert.deepEqual(
    points.map(({ step: factor }: { step: number | null }) => factor !== null),
    days.map((day) => day === 6),
  );
});

test('history writes a page of every poller that has the metric, and gallery one of every run', () => {
  const paged = pollcost('history', 'first', 'first', '--metric', METRIC, '--out', 'history.html');
  assert.equal(paged.status, 0, paged.stderr);
  const page = readFileSync(join(folder, 'history.html'), 'utf8');
  for (const poller of ['poll', 'epoll']) assert.match(page, new RegExp(`>${poller}</text>`));
  const { status, stdout, stderr } = pollcost('gallery', 'first', 'first', '--out', 'gallery');
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `${join('gallery', 'index.html')}\n`);
  writeFileSync(join(folder, 'a-file'), '');
  for (const args of [
    ['gallery', 'first', '--out', 'a-file'],
    ['history', 'first', '--metric', METRIC, '--out', 'a-file/page.html'],
  ]) {
    const refused = pollcost(...args);
    assert.equal(refused.status, 2);
    assert.match(
      refused.stderr,
      /^pollcost: a-file.* cannot be (made|written) \([A-Z]+\); choose another --out\n$/,
    );
  }
});

test('history of a metric that no run has, or nobody has, is refused with the nearest name', () => {
  const missing = pollcost('history', 'first', '--metric', METRIC.replace('watched=100', 'watched=101'));
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /none of these runs has .*did you mean/);
  assert.match(
    pollcost('history', 'first', '--metric', 'cpuNsPerTrun').stderr,
    /unknown metric 'cpuNsPerTrun'; did you mean 'cpuNsPerTurn'/,
  );
});
