import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildTree } from './build.js';
import { GateInputError } from './input-error.js';
import { commitOf, repositoryAt } from './repository.js';
import { gitIn } from './testing/repository.js';
import { addWorktree, placeFor, removeLeftovers, removePlace } from './worktree.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-worktree-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function repository(name: string): string {
  const root = join(folder, name);
  mkdirSync(root);
  gitIn(root, 'init', '-q', '-b', 'main');
  for (const text of ['first', 'second']) {
    writeFileSync(join(root, 'file'), text);
    gitIn(root, 'add', '.');
    gitIn(root, 'commit', '-qm', text);
  }
  return root;
}

/** Every file of .git with its text. */
const stateOf = (root: string): Map<string, string> =>
  new Map(
    readdirSync(join(root, '.git'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name),
        readFileSync(join(parentPath, name), 'latin1'),
      ]),
  );

const refuses = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error: Error) => {
    assert.equal(error.name, 'GateInputError');
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'));
    return true;
  });

test('a worktree holds the commit, and taking it away leaves the repository as it was', () => {
  const root = repository('plain');
  const before = stateOf(root);
  const tree = addWorktree(root, commitOf(repositoryAt(root), 'HEAD~1'));
  assert.equal(readFileSync(join(tree, 'file'), 'utf8'), 'first');
  removePlace(root, tree);
  removePlace(root, tree);
  assert.ok(!existsSync(tree));
  assert.deepEqual(stateOf(root), before);
});

test('what a killed gate left is taken away by the next one; what a living one uses stays', () => {
  const root = repository('killed');
  const before = stateOf(root);
  const own = addWorktree(root, commitOf(repositoryAt(root), 'main'));
  // A process that has ended.
  const { pid } = spawnSync('true');
  const left = own.replace(`-${process.pid}-`, `-${pid}-`);
  gitIn(root, 'worktree', 'move', own, left);
  const cut = placeFor(root, 'copy').replace(`-${process.pid}-`, `-${pid}-`);
  mkdirSync(cut);
  const kept = addWorktree(root, commitOf(repositoryAt(root), 'main'));
  assert.equal(removeLeftovers(root), 2);
  assert.ok(!existsSync(left) && !existsSync(cut) && existsSync(kept));
  removePlace(root, kept);
  assert.deepEqual(stateOf(root), before);
});

test('a worktree whose folder somebody removed by hand is forgotten', () => {
  const root = repository('gone');
  const before = stateOf(root);
  const tree = addWorktree(root, commitOf(repositoryAt(root), 'main'));
  rmSync(tree, { recursive: true });
  removePlace(root, tree);
  assert.deepEqual(stateOf(root), before);
});

test('a folder outside of any repository is refused', () => {
  refuses(() => repositoryAt(tmpdir()), /is not in a git repository, which --against needs/);
});

test('an unknown ref is refused with the nearest name, and one that looks like an option, too', () => {
  const root = repository('refs');
  refuses(
    () => commitOf(repositoryAt(root), 'mian'),
    /git knows no commit 'mian' here; did you mean 'main'\?/,
  );
  refuses(() => commitOf(repositoryAt(root), '--all'), /git knows no commit '--all' here/);
});

test('a shallow clone without the ref is told the command that deepens it', () => {
  const root = repository('deep');
  const shallow = join(folder, 'shallow');
  execFileSync('git', ['clone', '-q', '--depth=1', `file://${root}`, shallow]);
  refuses(
    () => commitOf(repositoryAt(shallow), 'HEAD~1'),
    /not in this shallow clone; deepen it with: git fetch --unshallow/,
  );
  assert.equal(commitOf(repositoryAt(shallow), 'HEAD'), repositoryAt(shallow).head);
});

test('changes that are not committed are seen, and looking at them does not write', () => {
  const root = repository('dirty');
  assert.equal(repositoryAt(root).isDirty, false);
  const before = stateOf(root);
  writeFileSync(join(root, 'file'), 'third');
  assert.equal(repositoryAt(root).isDirty, true);
  assert.deepEqual(stateOf(root), before);
});

test('a version that does not build is refused in one line with its last words', async () => {
  const root = repository('broken');
  const build = (command: string) =>
    buildTree(root, root, command, 'main (abc)', new AbortController().signal);
  await assert.rejects(build('echo one; echo "no such type" >&2; exit 3'), (error: Error) => {
    assert.ok(error instanceof GateInputError);
    assert.match(error.message, /^main \(abc\) does not build, .* ended with code 3: .*no such type/);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
  await build('true');
});

test('a build that hangs ends when the gate is told to stop, with all that it started', async () => {
  const root = repository('hangs');
  const stop = new AbortController();
  const building = buildTree(root, root, 'sleep 1000 & wait', 'main', stop.signal);
  stop.abort();
  await assert.rejects(building, /ended with SIGKILL/);
});
