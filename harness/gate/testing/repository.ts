import { execFileSync } from 'node:child_process';

/** Runs git in a repository of a test, under a name that belongs to nobody. */
export const gitIn = (root: string, ...args: string[]): string =>
  execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    encoding: 'utf8',
  });
