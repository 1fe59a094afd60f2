import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { exampleRun } from '../../reports/testing/example-run.js';
import { MOST_BYTES, packRun, unpackRun } from '../results/packed-run.js';
import {
  readRequest,
  readRun,
  readSamples,
  SampleWriter,
  writeRequest,
  writeRun,
} from '../results/run-folder.js';
import type { SampleLine } from '../results/samples-schema.js';
import { randomFrom } from '../statistics/random.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-packed-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

const run = exampleRun();

/** So many rounds, and so many bytes in each of them that no gzip makes less of. */
function folderWith(name: string, rounds: number, bytesOfRound = 12): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeRun(path, run);
  writeRequest(path, { pollers: ['epoll'], connections: null });
  const random = randomFrom(1);
  const sentinels = { stealMs: 0, involuntarySwitches: null, cpuPressureUs: null };
  const lines = Array.from({ length: rounds }, (_, round): SampleLine[] => {
    const at = { experiment: 'watched-fds', launch: 0, round };
    // A text, because a figure that takes as many bytes takes far longer to read.
    const cell = `a cell ${randomBytes(bytesOfRound).toString('base64')}`;
    const metrics = { cpuNsPerTurn: random(), wallNsPerTurn: random() };
    return [
      { kind: 'sample', ...at, cell, turns: 10, metrics },
      { kind: 'round', ...at, startedAt: run.startedAt, seconds: 1, sentinels, flags: [] },
    ];
  });
  const writer = new SampleWriter(path);
  writer.append([
    { kind: 'run', schemaVersion: 2, id: run.id, planHash: run.planHash, seed: 1 },
    ...lines.flat(),
  ]);
  writer.close();
  return path;
}

test('a packed run is the same run somewhere else, and can be gone on with', () => {
  const from = folderWith('small', 10);
  const { bytes, everyRound } = packRun(from);
  assert.equal(everyRound, 1);
  const file = join(folder, 'small.pollcost.gz');
  writeFileSync(file, bytes);
  const to = unpackRun(file, join(folder, 'results'));
  assert.equal(to, join(folder, 'results', run.id));
  assert.deepEqual(readRun(to), readRun(from));
  assert.deepEqual(readSamples(to), readSamples(from));
  assert.deepEqual(readRequest(to), readRequest(from));
  writeFileSync(join(to, 'mine'), '');
  assert.equal(unpackRun(file, join(folder, 'results')), to, 'it is there already');
  assert.ok(existsSync(join(to, 'mine')));
});

test('a larger one loses every second round, and so on, unless all samples are asked for', () => {
  const from = folderWith('large', 200, 35_000);
  const { bytes, everyRound } = packRun(from);
  assert.ok(everyRound > 1 && bytes.length < MOST_BYTES, `${everyRound}, ${bytes.length}`);
  const file = join(folder, 'large.pollcost.gz');
  writeFileSync(file, bytes);
  const to = unpackRun(file, join(folder, 'thinned'));
  const rounds = readSamples(to).lines.flatMap((line) => (line.kind === 'round' ? [line.round] : []));
  assert.deepEqual(rounds.slice(0, 3), [0, everyRound, 2 * everyRound]);
  assert.throws(() => readRequest(to), /holds no run \(no request\.json\)/, 'it cannot be gone on with');
  const whole = packRun(from, true);
  assert.equal(whole.everyRound, 1);
  assert.ok(whole.bytes.length > MOST_BYTES);
});

for (const [what, bytes, message] of [
  ['text', Buffer.from('hello'), /is no packed run: incorrect header check/],
  ['half a file', packedHead().subarray(0, 100), /is no packed run: unexpected end of file/],
  ['something else', gzipSync('{"kind":"other"}\n'), /line 1: kind: /],
] as const) {
  test(`${what} is refused, with what is wrong`, () => {
    const file = join(folder, 'damaged');
    writeFileSync(file, bytes);
    assert.throws(() => unpackRun(file, join(folder, 'never')), { name: 'DamagedFile', message });
    assert.ok(!existsSync(join(folder, 'never')));
  });
}

function packedHead(): Buffer {
  const line = { kind: 'packed', everyRound: 2, run };
  return gzipSync(`${JSON.stringify(line)}\n`);
}

test('a folder that holds another run is left alone', () => {
  const file = join(folder, 'another.pollcost.gz');
  writeFileSync(file, packedHead());
  const results = join(folder, 'taken');
  mkdirSync(join(results, run.id), { recursive: true });
  writeRun(join(results, run.id), { ...run, id: '20200101T000000Z-0000' });
  const before = readFileSync(join(results, run.id, 'run.json'), 'utf8');
  assert.throws(() => unpackRun(file, results), /holds another run; move it away/);
  assert.equal(readFileSync(join(results, run.id, 'run.json'), 'utf8'), before);
});

test('the gate takes what was packed for a run, and writes beside what it unpacked', () => {
  const file = join(folder, 'gated.pollcost.gz');
  writeFileSync(file, packRun(folderWith('gated', 3)).bytes);
  const order = [MAIN, 'gate', '--baseline', file, '--current', file];
  const { status, stderr } = spawnSync(process.execPath, order, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(existsSync(join(folder, 'results', run.id, 'gate.json')));
});
