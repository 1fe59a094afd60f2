import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { comparedBench, sideBySide } from './compare-host.js';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-beside-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a run held against itself is within 5 % in every ratio, and one that costs twice at 1 000 is beyond', () => {
  const run = join(folder, 'host');
  const args = [MAIN, ...comparedBench(0), '--launches', '1', '--out', run];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const same = sideBySide([{ host: run, container: run }]);
  assert.equal(same.beyond, 0);
  assert.match(same.lines.at(-1) ?? '', /^10 ratios of 1 pairs of runs, 0 beyond 5 %/);
  for (const line of same.lines.slice(0, -1)) assert.match(line, /container\/host 1 \[1, 1\]: within 5 %$/);

  const other = join(folder, 'container');
  cpSync(run, other, { recursive: true });
  const file = join(other, 'samples.ndjson');
  const dearer = readFileSync(file, 'utf8').replaceAll(
    /("cell":"watched-fds\/poll\/pollcost\/watched=1000,.*?"cpuNsPerTurn":)([\d.]+)/g,
    (_, head, ns) => `${head}${Number(ns) * 2}`,
  );
  writeFileSync(file, dearer);
  const found = sideBySide([{ host: run, container: other }]);
  assert.ok(found.beyond > 0);
  assert.ok(found.lines.some((line) => /^watched-fds\/poll\/growth[\s\S]*: beyond 5 %$/.test(line)));
  assert.ok(found.lines.some((line) => /^watched-fds\/epoll\/growth[\s\S]*: within 5 %$/.test(line)));
});
