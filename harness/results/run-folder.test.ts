import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
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
import { DamagedFile } from './damage.js';
import {
  createRunFolder,
  cutSamples,
  linkLatest,
  readRun,
  readSamples,
  SampleWriter,
  writeRun,
} from './run-folder.js';
import { type Run, runJsonSchema, runSchema } from './run-schema.js';

const base = mkdtempSync(join(tmpdir(), 'pollcost-folder-'));
after(() => rmSync(base, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(base, 'run-'));

const run: Run = {
  schemaVersion: 2,
  id: '20261123T044500Z-7f3a',
  tool: 'pollcost 0.2.0',
  pid: process.pid,
  status: 'running',
  startedAt: '2026-11-23T04:45:00.000Z',
  finishedAt: null,
  profile: 'quick',
  seed: 42,
  planHash: `sha256:${'0'.repeat(64)}`,
  environment: {
    kernel: '6.18.44',
    arch: 'x64',
    cpuModel: null,
    cpus: 2,
    pinnedTo: 1,
    virtualization: 'kvm',
    container: false,
    memoryBytes: 25769803776,
    node: '20.20.2',
    v8: '11.3',
    koffi: '3.3.4',
    cc: null,
    fdLimitSoft: 20000,
    fdLimitHard: 20000,
    uid0: true,
    slabinfo: true,
    unshare: true,
    maxUserWatches: null,
    governor: null,
    clocksource: null,
    mitigations: null,
    irqTimeAccounting: null,
    btf: true,
    realtime: null,
    loadSharesCore: null,
    commit: null,
    dirty: null,
  },
  experiments: [
    { id: 'limits', status: 'pending', reason: 'not reached yet', rounds: 0, launches: 0, seconds: 0 },
  ],
  noise: { aaRatio: null, flaggedRounds: 0, fullSpeedNs: null, shareAtFullSpeed: null },
  cells: [],
  models: [],
  claims: [],
  warnings: [],
};
const cell = {
  id: 'limits/poll/pollcost/probe=fd-1023',
  experiment: 'limits',
  poller: 'poll',
  series: 'pollcost',
  flags: [],
  factors: { probe: 'fd-1023' },
};
const figure = { value: 1, low: 1, high: 1, unit: 'boolean', n: 1, launches: 1 };

test('run.json is written whole and read back', () => {
  const folder = fresh();
  writeRun(folder, run);
  assert.deepEqual(readRun(folder), run);
  assert.deepEqual(readdirSync(folder), ['run.json']);
});

test('a running run whose process is gone reads as interrupted', () => {
  const folder = fresh();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeRun(folder, { ...run, pid });
  assert.equal(readRun(folder).status, 'interrupted');
});

const REJECTED: Record<string, [change: object, field: RegExp]> = {
  'an unknown key': [{ extra: 1 }, /Unrecognized key: "extra"/],
  'a figure out of order': [
    { cells: [{ ...cell, status: 'measured', metrics: { accepted: { ...figure, low: 2 } } }] },
    /cells\.0\.metrics\.accepted: low <= value <= high does not hold/,
  ],
  'an unknown unit': [
    { cells: [{ ...cell, status: 'measured', metrics: { accepted: { ...figure, unit: 'ticks' } } }] },
    /cells\.0\.metrics\.accepted\.unit/,
  ],
  'a skipped cell without a reason': [
    { cells: [{ ...cell, status: 'skipped', metrics: {} }] },
    /cells\.0\.reason/,
  ],
  'a skipped cell with metrics': [
    { cells: [{ ...cell, status: 'skipped', reason: 'why', metrics: { accepted: figure } }] },
    /cells\.0\.metrics/,
  ],
  'a completed experiment with a reason': [
    { experiments: [{ id: 'limits', status: 'completed', reason: 'x', rounds: 1, launches: 1, seconds: 1 }] },
    /experiments\.0/,
  ],
  'a local time': [{ startedAt: '2026-11-23T04:45:00+01:00' }, /startedAt/],
};

for (const [name, [change, field]] of Object.entries(REJECTED)) {
  test(`${name} is an error that names the field`, () => {
    const folder = fresh();
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, ...change }));
    assert.throws(
      () => readRun(folder),
      (error: Error) => error instanceof DamagedFile && field.test(error.message),
    );
    assert.throws(() => writeRun(folder, { ...run, ...change } as Run), 'and it is never written');
  });
}

test('a cell may be of any poller that is called as pollers are', () => {
  const accepts = (poller: string) =>
    runSchema.safeParse({
      ...run,
      cells: [{ ...cell, poller, status: 'measured', metrics: { accepted: figure } }],
    }).success;
  for (const poller of ['epoll', 'io_uring', 'mine', 'epoll-oneshot', 'x2'])
    assert.ok(accepts(poller), poller);
  for (const poller of ['', 'Mine', '2nd', '_x', 'a b', './mine']) assert.ok(!accepts(poller), poller);
});

test('a figure may say how many of its samples were at full speed, and what all of them say', () => {
  const accepts = (change: object) =>
    runSchema.safeParse({
      ...run,
      cells: [{ ...cell, status: 'measured', metrics: { accepted: { ...figure, ...change } } }],
    }).success;
  assert.ok(accepts({ share: 0.8, all: { value: 1, low: 0, high: 2 } }));
  assert.ok(!accepts({ share: 1.2 }));
  assert.ok(!accepts({ all: { value: 3, low: 0, high: 2 } }));
});

test('claims: a condition exactly with holds-when, something missing exactly with undecided', () => {
  const claim = {
    id: 'x',
    kind: 'measured',
    source: 'answer',
    statement: 's',
    rule: { version: 1, text: 'r' },
    evidence: [],
    finding: 'f',
    explanation: 'e',
    effects: [{ name: 'n', value: 1, low: 1, high: 1, unit: 'ratio', n: 1, decides: true, factors: {} }],
  };
  const accepts = (change: object) =>
    runSchema.safeParse({ ...run, claims: [{ ...claim, ...change }] }).success;
  assert.ok(accepts({ verdict: 'holds' }));
  assert.ok(!accepts({ verdict: 'holds', condition: 'c' }));
  assert.ok(!accepts({ verdict: 'holds', effects: [] }));
  assert.ok(accepts({ verdict: 'holds-when', condition: 'c' }));
  assert.ok(!accepts({ verdict: 'holds-when' }));
  assert.ok(accepts({ verdict: 'undecided', missing: 'm', effects: [] }));
  assert.ok(!accepts({ verdict: 'undecided' }));
});

test('samples: what was read for a round that did not end is not finished', () => {
  const folder = fresh();
  createRunFolder(folder);
  const writer = new SampleWriter(folder);
  const head = { kind: 'run', schemaVersion: 2, id: run.id, planHash: run.planHash, seed: 42 } as const;
  writer.append([head]);
  const intact = readFileSync(join(folder, 'samples.ndjson')).length;
  const visit = { experiment: 'server', launch: 0, round: 0 };
  const values = { residentBytes: 1, epollSlabBytes: null };
  const timeline = [{ atMs: 1000, cores: 0.5, residentBytes: 1 }];
  const readings = {
    kind: 'readings',
    ...visit,
    subject: 'a server',
    values,
    tcpStates: { LISTEN: 1 },
    timeline,
  } as const;
  writer.append([readings]);
  writer.close();
  assert.deepEqual(readSamples(folder), { lines: [head, readings], finishedBytes: intact });
});

test('samples: an unfinished last line is left out, any other damage is an error with its line', () => {
  const folder = fresh();
  createRunFolder(folder);
  const writer = new SampleWriter(folder);
  const head = { kind: 'run', schemaVersion: 2, id: run.id, planHash: run.planHash, seed: 42 } as const;
  writer.append([head]);
  writer.close();
  const path = join(folder, 'samples.ndjson');
  const intact = readFileSync(path).length;
  appendFileSync(path, '{"kind":"sample","experi');
  assert.deepEqual(readSamples(folder), { lines: [head], finishedBytes: intact });
  cutSamples(folder, intact);
  assert.equal(readFileSync(path).length, intact);
  appendFileSync(path, '{"kind":"sample","experi');
  appendFileSync(path, 'ment"\n{"kind":"run"');
  assert.throws(() => readSamples(folder), /samples\.ndjson: line 2: is cut off or is not JSON/);
  writeFileSync(path, `${JSON.stringify(head)}\n{"kind":"sample","experiment":"x"}\n`);
  assert.throws(() => readSamples(folder), /samples\.ndjson: line 2: launch/);
});

test('latest points to the newest run, wherever it lies', () => {
  const results = join(fresh(), 'results');
  const elsewhere = fresh();
  linkLatest(results, join(results, 'first'));
  assert.equal(readlinkSync(join(results, 'latest')), 'first');
  linkLatest(results, elsewhere);
  assert.ok(readlinkSync(join(results, 'latest')).startsWith('../'));
});

test('where latest cannot be a link, what is there is kept and nothing is left beside it', () => {
  const results = join(fresh(), 'results');
  mkdirSync(join(results, 'latest'), { recursive: true });
  writeFileSync(join(results, 'latest/mine'), 'mine');
  assert.throws(() => linkLatest(results, join(results, 'first')), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(results), ['latest']);
  assert.equal(readFileSync(join(results, 'latest/mine'), 'utf8'), 'mine');
});

test('the published JSON Schema is the one in the repository', () => {
  const published = readFileSync(new URL('./run.schema.json', import.meta.url), 'utf8');
  assert.deepEqual(JSON.parse(published), JSON.parse(JSON.stringify(runJsonSchema())));
});
