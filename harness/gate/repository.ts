import { spawnSync } from 'node:child_process';
import { closest } from 'fastest-levenshtein';
import { gitEnvironment } from '../collectors/git-environment.js';
import { GateInputError } from './input-error.js';

/** What the gate reads of a git repository. It writes nothing but worktrees (worktree.ts). */
export interface Repository {
  /** The top of the working tree. */
  readonly root: string;
  readonly head: string | null;
  readonly isDirty: boolean;
  readonly isShallow: boolean;
}

/** Runs git; null where it says no. @throws GateInputError where there is no git */
export function git(folder: string, ...args: string[]): string | null {
  // Without optional locks, so that looking does not rewrite the index.
  const { error, status, stdout } = spawnSync('git', ['--no-optional-locks', '-C', folder, ...args], {
    encoding: 'utf8',
    env: gitEnvironment(),
    maxBuffer: 2 ** 26,
  });
  if (error) {
    throw new GateInputError(
      `git cannot be run (${(error as NodeJS.ErrnoException).code}): install it, or compare two runs with --baseline and --current`,
    );
  }
  return status === 0 ? stdout.trimEnd() : null;
}

/** @throws GateInputError outside of a working tree */
export function repositoryAt(folder: string): Repository {
  const root = git(folder, 'rev-parse', '--show-toplevel');
  if (root === null) {
    throw new GateInputError(
      `${folder} is not in a git repository, which --against needs; compare two runs with --baseline and --current instead`,
    );
  }
  return {
    root,
    head: git(root, 'rev-parse', '--verify', '--quiet', 'HEAD'),
    isDirty: (git(root, 'status', '--porcelain') ?? '') !== '',
    isShallow: git(root, 'rev-parse', '--is-shallow-repository') === 'true',
  };
}

/** The commit that a ref names. @throws GateInputError that says how to get it */
export function commitOf({ root, isShallow }: Repository, ref: string): string {
  const commit = ref.startsWith('-')
    ? null
    : git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  if (commit !== null) return commit;
  if (isShallow) {
    throw new GateInputError(
      `'${ref}' is not in this shallow clone; deepen it with: git fetch --unshallow, or get just that with: git fetch --depth=1 origin ${ref}:${ref}`,
    );
  }
  const known = (git(root, 'for-each-ref', '--format=%(refname:short)') ?? '').split('\n').filter(Boolean);
  const hint = known.length === 0 ? '' : `; did you mean '${closest(ref, known)}'?`;
  throw new GateInputError(`git knows no commit '${ref}' here${hint}`);
}
