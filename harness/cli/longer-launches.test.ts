import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** What the gate asks of bench: launches that are longer, for all cells or for those that decide. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-longer-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ORDER =
  '--experiments limits,watched-fds,memory --pollers poll --connections 1 --launches 1 --dry-run --json';
const dryRun = (...options: string[]) =>
  spawnSync(process.execPath, [MAIN, 'bench', ...ORDER.split(' '), ...options], {
    cwd: folder,
    encoding: 'utf8',
  });

function roundsOf(...options: string[]): Record<string, number> {
  const { status, stdout, stderr } = dryRun(...options);
  assert.equal(status, 0, stderr);
  const { experiments } = JSON.parse(stdout) as { experiments: { id: string; rounds: number }[] };
  return Object.fromEntries(experiments.map(({ id, rounds }) => [id, rounds]));
}

function cellsFile(text: string): string {
  const file = join(folder, 'cells.json');
  writeFileSync(file, text);
  return file;
}

test('longer launches make more rounds of what is sampled, and of nothing that is counted', () => {
  const planned = roundsOf();
  const longer = roundsOf('--launch-seconds', '20');
  assert.ok((longer['watched-fds'] as number) > (planned['watched-fds'] as number));
  assert.deepEqual({ ...longer, 'watched-fds': 0 }, { ...planned, 'watched-fds': 0 });
});

test('launches that are longer for no cell at all are those that were planned', () => {
  assert.deepEqual(
    roundsOf('--launch-seconds', '20', '--launch-cells', cellsFile('["watched-fds/poll/no such cell"]')),
    roundsOf(),
  );
});

test('a file of cells that is missing or damaged is said in a line', () => {
  const missing = dryRun('--launch-cells', join(folder, 'nothing'));
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /^pollcost: --launch-cells takes a file; there is no .*nothing\n$/);
  for (const text of ['{', '{"cells":[]}', '[1]']) {
    const { status, stderr } = dryRun('--launch-cells', cellsFile(text));
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^pollcost: .*cells\.json: .*\n$/);
  }
});
