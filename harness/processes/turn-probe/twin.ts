import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeCall } from '../../../pollers/dissection.js';
import { check, loadLibrary } from '../../../pollers/libc/call.js';
import { allocate } from '../../../pollers/libc/memory.js';
import type { Available } from '../control/messages.js';

const SOURCE = fileURLToPath(new URL('twin.c', import.meta.url));
const COMPILE_DEADLINE_MS = 20_000;

/** The turn in C. */
export interface Twin {
  /** Makes turns with this system call; returns how many ready fds were seen in all. @throws SyscallError */
  turns(call: NativeCall, timeoutMs: number, count: number): number;
}

/** Compiles the C twin and loads it into this process, for at most `mostFds` ready fds. Nothing stays on disk. */
export function buildTwin(mostFds: number): Available<{ twin: Twin; compiler: string }> {
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(tmpdir(), 'pollcost-twin-'));
    const library = join(folder, 'twin.so');
    const compiler = process.env.CC ?? 'cc';
    const built = spawnSync(compiler, ['-O2', '-shared', '-fPIC', '-o', library, SOURCE], {
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
      return {
        ok: false,
        reason: `${compiler} failed: ${built.stderr.trim().split('\n')[0] || 'no message'}`,
      };
    }
    return { ok: true, twin: load(library, mostFds), compiler: versionOf(compiler) };
  } catch (error) {
    return { ok: false, reason: `the C twin cannot be built or loaded: ${(error as Error).message}` };
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

const versionOf = (compiler: string): string => {
  const line = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? compiler;
  const version = /\d+(\.\d+)+/.exec(line.replace(/\(.*?\)/g, ''))?.[0] ?? '';
  return `${/clang/i.test(line) ? 'clang' : 'gcc'} ${version}`.trim();
};

function load(path: string, mostFds: number): Twin {
  const declare = loadLibrary(path);
  const poll = declare<
    (fds: number, n: number, timeout: number, turns: number, ready: number, events: number) => number
  >('long twin_poll(void *, unsigned long, int, long, void *, void *)');
  const epoll = declare<
    (
      epfd: number,
      events: number,
      room: number,
      timeout: number,
      turns: number,
      fds: number,
      out: number,
    ) => number
  >('long twin_epoll(int, void *, int, int, long, void *, void *)');
  const select = declare<(...args: number[]) => number>(
    'long twin_select(int, unsigned long, void *, void *, void *, void *, int, long, void *, void *)',
  );
  const fds = allocate(mostFds * 4);
  const events = allocate(mostFds);
  return {
    turns(call, timeoutMs, count) {
      switch (call.call) {
        case 'poll':
          return check(poll(call.pollfds, call.count, timeoutMs, count, fds.address, events.address), 'poll');
        case 'epoll':
          return check(
            epoll(call.epfd, call.events, call.room, timeoutMs, count, fds.address, events.address),
            'epoll_wait',
          );
        case 'select':
          return check(
            select(
              call.nfds,
              call.bytes,
              call.readWanted,
              call.writeWanted,
              call.readGot,
              call.writeGot,
              timeoutMs,
              count,
              fds.address,
              events.address,
            ),
            'select',
          );
      }
    },
  };
}
