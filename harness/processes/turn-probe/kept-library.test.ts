import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { startProbe } from '../control/parent.js';
import { buildTwin } from './twin.js';

const DEADLINE_MS = 30_000;
const { CC } = process.env;
let folder = '';
let log = '';

/** A compiler that writes down each time that it compiles. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pollcost-kept-'));
  log = join(folder, 'compiled');
  writeFileSync(log, '');
  const compiler = join(folder, 'cc');
  writeFileSync(
    compiler,
    `#!/bin/sh\ncase "$*" in *--version*) ;; *) echo compiled >> '${log}' ;; esac\nexec cc "$@"\n`,
  );
  chmodSync(compiler, 0o755);
  process.env.CC = compiler;
});

afterEach(() => {
  if (CC === undefined) delete process.env.CC;
  else process.env.CC = CC;
  rmSync(folder, { recursive: true, force: true });
});

const timesCompiled = () => readFileSync(log, 'utf8').split('\n').length - 1;

test('the probes of one process compile the C twin once, and all say by what', async (t) => {
  const compilers: string[] = [];
  for (let life = 0; life < 3; life++) {
    const probe = startProbe();
    try {
      const { twin } = await probe.request(
        'start',
        { cpu: null, fileTable: 'private', twin: true },
        DEADLINE_MS,
      );
      if (!twin.ok) return void t.skip(twin.reason);
      compilers.push(twin.compiler);
    } finally {
      await probe.end();
    }
  }
  assert.equal(timesCompiled(), 1);
  assert.match(compilers[0] ?? '', /^(gcc|clang) \d/);
  assert.equal(new Set(compilers).size, 1);
});

test('a library of which the end is missing is compiled anew', (t) => {
  const path = join(folder, 'kept');
  writeFileSync(path, '');
  const build = () => buildTwin(64, openSync(path, 'r+'));
  const first = build();
  if (!first.ok) return void t.skip(first.reason);
  truncateSync(path, readFileSync(path).byteLength - 1);
  const second = build();
  assert.ok(second.ok && second.compiler === first.compiler);
  assert.equal(timesCompiled(), 2);
});

test('the file of a kept library is closed once it is loaded: no fd of the subject is taken', (t) => {
  const path = join(folder, 'kept');
  writeFileSync(path, '');
  const fd = openSync(path, 'r+');
  const built = buildTwin(64, fd);
  if (!built.ok) return void t.skip(built.reason);
  assert.throws(() => closeSync(fd), { code: 'EBADF' });
});
