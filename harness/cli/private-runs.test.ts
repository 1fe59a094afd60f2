import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readRun } from '../results/run-folder.js';

/** A run is for others: neither its files nor its pages say who made it, on what host, or where. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const folder = mkdtempSync(join(tmpdir(), 'pollcost-Heimlich-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const USER = 'zebulon';
const HOST = 'wunderlich';
/** No C compiler, no folder for scratch files, no references: each failure names its path. */
const PLACE = join(folder, 'Größe läuft');
const HOME = join(PLACE, USER);
mkdirSync(HOME, { recursive: true });

const LINE = `bench --experiments limits,watched-fds,memory,server --profile standard --connections 10 --launches 1 --seed 1 --pollers poll,epoll`;
const SECRETS = new RegExp(`Heimlich|läuft|${USER}|${HOST}|${CHECKOUT}`);

const canRename = process.getuid?.() === 0 && spawnSync('unshare', ['--uts', 'hostname', HOST]).status === 0;

function pollcost(args: string, shell = `exec "$0" "$1" ${args}`) {
  const command = ['sh', '-c', canRename ? `hostname ${HOST} && ${shell}` : shell, process.execPath, MAIN];
  const all = canRename ? ['unshare', '--uts', ...command] : command;
  const [file = '', ...rest] = all;
  const { status, stdout, stderr } = spawnSync(file, rest, {
    cwd: PLACE,
    encoding: 'utf8',
    timeout: 180_000,
    env: {
      ...process.env,
      HOME,
      USER,
      LOGNAME: USER,
      HOSTNAME: HOST,
      TMPDIR: join(HOME, 'absent'),
      CC: join(HOME, 'cc'),
      PYTHON: join(HOME, 'python'),
    },
  });
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('a run, its pages and what export makes of it name no user, host or path; report reads that', () => {
  writeFileSync(join(HOME, 'cc'), '#!/bin/sh\necho "$0: no space left in $HOME" >&2\nexit 1\n');
  chmodSync(join(HOME, 'cc'), 0o755);
  const { stderr } = pollcost(`${LINE} --out run`);
  assert.match(stderr, SECRETS, 'the screen says where, which the files then do not');
  const run = join(PLACE, 'run');
  const { warnings } = readRun(run);
  assert.ok(
    warnings.some(({ message }) => message.includes('…')),
    'a path was cut',
  );
  const file = pollcost('export run').stdout.trim();
  const packed = join(PLACE, file);
  assert.ok(statSync(packed).size < 5 * 2 ** 20);
  rmSync(join(PLACE, 'results'), { recursive: true });
  const page = pollcost(`report ${file}`).stdout.trim();
  const { id } = readRun(run);
  assert.equal(page, `results/${id}/report/index.html`);
  assert.match(file, new RegExp(`^${id}\\.`));
  for (const path of [...filesIn(run), ...filesIn(join(PLACE, 'results'))]) {
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, SECRETS, path);
  }
  assert.doesNotMatch(gunzipSync(readFileSync(packed)).toString('utf8'), SECRETS);
});

test('whatever reads a run reads a packed one', () => {
  const file = pollcost('export run --out packed').stdout.trim();
  const compared = pollcost(`compare run ${file} --json`).stdout;
  assert.equal(
    (JSON.parse(compared) as { metrics: { isBeyondNoise: boolean }[] }).metrics.filter(
      ({ isBeyondNoise }) => isBeyondNoise,
    ).length,
    0,
  );
});

test('export refuses to write over a file', () => {
  const result = spawnSync(process.execPath, [MAIN, 'export', 'run', '--out', 'run/run.json'], {
    cwd: PLACE,
    encoding: 'utf8',
  });
  assert.equal(result.status, 2);
  assert.equal(result.stderr, 'pollcost: run/run.json is there already; choose another --out\n');
});
