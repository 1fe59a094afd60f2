import { spawnSync } from 'node:child_process';
import type { Available } from './control/messages.js';

const COMPILE_DEADLINE_MS = 20_000;

/** Compiles a C file with the compiler that CC names, or cc. Where that fails, its first line says why. */
export function compile(
  source: string,
  target: string,
  flags: readonly string[],
): Available<{ readonly compiler: string }> {
  const compiler = process.env.CC ?? 'cc';
  // Libraries come after what needs them.
  const built = spawnSync(compiler, ['-O2', '-o', target, source, ...flags], {
    timeout: COMPILE_DEADLINE_MS,
    encoding: 'utf8',
  });
  if (built.error) {
    const { code, message } = built.error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? `no C compiler: ${compiler} is not on the PATH`
        : `${compiler} cannot be run: ${message}`;
    return { ok: false, reason };
  }
  if (built.status !== 0) {
    return { ok: false, reason: `${compiler} failed: ${built.stderr.trim().split('\n')[0] || 'no message'}` };
  }
  return { ok: true, compiler: versionOf(compiler) };
}

const versionOf = (compiler: string): string => {
  const line = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? compiler;
  const version = /\d+(\.\d+)+/.exec(line.replace(/\(.*?\)/g, ''))?.[0] ?? '';
  return `${/clang/i.test(line) ? 'clang' : 'gcc'} ${version}`.trim();
};
