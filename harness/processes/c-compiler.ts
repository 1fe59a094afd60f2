import { spawnSync } from 'node:child_process';
import type { Available } from './control/messages.js';

const COMPILE_DEADLINE_MS = 20_000;

/** The command that CC holds, split into words as a shell splits it, or cc. */
export function compilerCommand(text = process.env.CC ?? ''): Available<{ readonly command: string[] }> {
  const words = text.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs) ?? ['cc'];
  if (text.replaceAll(/\\.|'[^']*'|"(?:[^"\\]|\\.)*"/gs, '').match(/['"\\]/)) {
    return { ok: false, reason: `CC has a quote that is not closed: ${text}` };
  }
  return { ok: true, command: words.map(unquoted) };
}

const unquoted = (word: string): string =>
  word.replaceAll(
    /\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"/gs,
    (_, escaped?: string, plain?: string, quoted?: string) =>
      escaped ?? plain ?? (quoted ?? '').replaceAll(/\\(["\\$`])/g, '$1'),
  );

/** Compiles a C file with the compiler that CC names, or cc. Where that fails, its first line says why. */
export function compile(
  source: string,
  target: string,
  flags: readonly string[],
): Available<{ readonly compiler: string }> {
  const asked = compilerCommand();
  if (!asked.ok) return asked;
  const [compiler = 'cc', ...options] = asked.command;
  // Libraries come after what needs them.
  const built = spawnSync(compiler, [...options, '-O2', '-o', target, source, ...flags], {
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
  return { ok: true, compiler: versionOf(compiler, options) };
}

function versionOf(compiler: string, options: readonly string[]): string {
  const { stdout } = spawnSync(compiler, [...options, '--version'], {
    timeout: COMPILE_DEADLINE_MS,
    encoding: 'utf8',
  });
  const line = stdout?.split('\n')[0] ?? compiler;
  const version = /\d+(\.\d+)+/.exec(line.replace(/\(.*?\)/g, ''))?.[0] ?? '';
  return `${/clang/i.test(line) ? 'clang' : 'gcc'} ${version}`.trim();
}
