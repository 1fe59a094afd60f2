import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gitEnvironment } from '../collectors/git-environment.js';
import { GateInputError } from './input-error.js';
import { git } from './repository.js';

/**
 * Places for other versions, in the system's folder for temporary files. Their names carry the repository and the process
 * that made them, so that whatever a killed gate left behind is known as such, and taken away by the next one.
 */
const PREFIX = 'pollcost-gate';

const prefixOf = (root: string): string =>
  `${PREFIX}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`;

let made = 0;

/** A path that is free; `what` tells several of one process apart. */
export const placeFor = (root: string, what: string): string =>
  join(tmpdir(), `${prefixOf(root)}-${process.pid}-${made++}-${what}`);

/** Checks a commit out beside the repository, which stays as it is. @throws GateInputError */
export function addWorktree(root: string, commit: string): string {
  const path = placeFor(root, commit.slice(0, 12));
  const { status, stderr } = spawnSync(
    'git',
    ['-C', root, 'worktree', 'add', '--detach', '--force', path, commit],
    { encoding: 'utf8', env: gitEnvironment() },
  );
  if (status === 0) return path;
  throw new GateInputError(`git cannot check ${commit.slice(0, 12)} out: ${lastLine(stderr)}`);
}

/** Takes a place away, and what git remembers of it. Harmless when repeated. */
export function removePlace(root: string, path: string): void {
  spawnSync('git', ['-C', root, 'worktree', 'remove', '--force', '--force', path], { env: gitEnvironment() });
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  spawnSync('git', ['-C', root, 'worktree', 'prune'], { env: gitEnvironment() });
}

/** Takes away what gates of this repository left behind when they were killed. Returns how many places that were. */
export function removeLeftovers(root: string): number {
  const prefix = `${prefixOf(root)}-`;
  const listed = (git(root, 'worktree', 'list', '--porcelain') ?? '')
    .split('\n')
    .flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []))
    .filter((path) => basename(path).startsWith(prefix));
  const lying = existsSync(tmpdir())
    ? readdirSync(tmpdir())
        .filter((name) => name.startsWith(prefix))
        .map((name) => join(tmpdir(), name))
    : [];
  const left = [...new Set([...listed, ...lying])].filter((path) => {
    const pid = Number(basename(path).slice(prefix.length).split('-')[0]);
    return pid !== process.pid && !isGate(pid);
  });
  for (const path of left) removePlace(root, path);
  return left.length;
}

/** Whether the process lives and is what made the place: its number may have gone to another one since. */
function isGate(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('gate');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return false;
    throw error;
  }
}

/** What a program said last that says something: no blank line, no place of a stack, not which Node it was. */
export const lastLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !/^(at |Node\.js v|[{}^]|[\w:/.-]+:\d+$)/.test(line)) ?? '';
