import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeCall } from '../../../pollers/dissection.js';
import { check, loadLibrary } from '../../../pollers/libc/call.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { compile } from '../control/compile.js';
import type { Available } from '../control/messages.js';

const SOURCE = fileURLToPath(new URL('twin.c', import.meta.url));

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
    const built = compile(SOURCE, library, ['-shared', '-fPIC']);
    if (!built.ok) return built;
    return { ok: true, twin: load(library, mostFds), compiler: built.compiler };
  } catch (error) {
    return { ok: false, reason: `the C twin cannot be built or loaded: ${(error as Error).message}` };
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

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
