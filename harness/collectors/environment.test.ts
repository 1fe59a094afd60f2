import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkout } from './environment.js';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'pollcost-git-')));
after(() => rmSync(base, { recursive: true, force: true }));

const WITHOUT_GIT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
);

/** A repository with one commit; returns its root and the commit's short name. */
function repository(name: string): { root: string; commit: string } {
  const root = join(base, name);
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...identity, ...args], { encoding: 'utf8', env: WITHOUT_GIT }).trim();
  execFileSync('git', ['init', '-q', root], { env: WITHOUT_GIT });
  writeFileSync(join(root, 'file'), name);
  git('add', 'file');
  git('commit', '-q', '-m', name);
  return { root, commit: git('rev-parse', '--short', 'HEAD') };
}

const [ours, other] = [repository('ours'), repository('other')];

for (const [name, value] of [
  ['GIT_DIR', join(other.root, '.git')],
  ['GIT_WORK_TREE', other.root],
  ['GIT_INDEX_FILE', join(other.root, '.git/index')],
  ['GIT_OBJECT_DIRECTORY', join(other.root, '.git/objects')],
] as const) {
  test(`the caller's ${name} does not change which checkout is described`, () => {
    process.env[name] = value;
    try {
      assert.deepEqual(checkout(ours.root), { commit: ours.commit, dirty: false });
    } finally {
      delete process.env[name];
    }
  });
}

test('describing a checkout does not write its index', () => {
  // What git would note there: the file is the same, but newer than the index says.
  utimesSync(join(ours.root, 'file'), 1, 1);
  const before = readFileSync(join(ours.root, '.git/index'));
  assert.equal(checkout(ours.root).dirty, false);
  assert.deepEqual(readFileSync(join(ours.root, '.git/index')), before);
});

test('a changed file is told, and a folder below a checkout is none', () => {
  writeFileSync(join(other.root, 'file'), 'changed');
  assert.deepEqual(checkout(other.root), { commit: other.commit, dirty: true });
  assert.deepEqual(checkout(base), { commit: null, dirty: null });
});
