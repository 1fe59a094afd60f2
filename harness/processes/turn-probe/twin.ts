import { closeSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, loadLibrary } from '../../../pollers/libc/call.js';
import { allocate, type Memory } from '../../../pollers/libc/memory.js';
import type { NativeCall } from '../../../pollers/poller.js';
import { compile } from '../c-compiler.js';
import type { Available } from '../control/messages.js';
import { inScratchFolder } from '../scratch-folder.js';
import type { ActiveFds } from './active-fds.js';
import { keep, keptCompiler } from './kept-library.js';

const SOURCE = fileURLToPath(new URL('twin.c', import.meta.url));

/** What C makes around a turn, in the order of its own enum. */
const FORMS = ['kept', 'fresh', 'consumed', 'bracketed', 'cold'] as const;
export type TwinForm = (typeof FORMS)[number];

/** The turns of turns.ts in C. */
export interface Twin {
  /**
   * What makes turns with this system call, so many whenever it is called, and returns how many ready fds were seen in all; it is good
   * until the next one is asked for. The memory of the call is C's own from its first turn on wherever registrations are replaced: its
   * poller can only be closed. Turns throw a SyscallError.
   */
  batch(
    form: TwinForm,
    call: NativeCall,
    timeoutMs: number,
    work: ActiveFds,
    evicting: Memory | null,
  ): (turns: number) => number;
}

const SHARED = ['-shared', '-fPIC'];

/** Where a container has the twin and the name of its compiler. A new build of the program has neither. */
const PREBUILT = fileURLToPath(new URL('prebuilt', import.meta.url));
const PREBUILT_LIBRARY = join(PREBUILT, 'twin.so');
const PREBUILT_COMPILER = join(PREBUILT, 'compiler');

/** Compiles the C twin for every later process. */
export function prebuildTwin(): Available<object> {
  mkdirSync(PREBUILT, { recursive: true });
  const built = compile(SOURCE, PREBUILT_LIBRARY, SHARED);
  if (built.ok) writeFileSync(PREBUILT_COMPILER, built.compiler);
  return built;
}

type Built = Available<{ twin: Twin; compiler: string }>;

/**
 * Loads the C twin into this process, for at most `mostFds` ready fds: the one that was made beforehand, unless CC asks for
 * another, or the one in the file `keptIn`, an fd that is closed then. Whoever finds that empty compiles it, and keeps it there for
 * those who come later. Nothing stays on disk.
 */
export function buildTwin(mostFds: number, keptIn: number | null = null): Built {
  try {
    if (process.platform !== 'linux')
      return { ok: false, reason: `the C twin makes Linux's calls and this is ${process.platform}` };
    if (process.env.CC === undefined && existsSync(PREBUILT_COMPILER)) {
      return {
        ok: true,
        twin: load(PREBUILT_LIBRARY, mostFds),
        compiler: readFileSync(PREBUILT_COMPILER, 'utf8'),
      };
    }
    const compiler = keptIn === null ? null : keptCompiler(keptIn);
    if (compiler !== null) return { ok: true, twin: load(`/proc/self/fd/${keptIn}`, mostFds), compiler };
    return compileTwin(mostFds, keptIn);
  } catch (error) {
    return { ok: false, reason: `the C twin cannot be built or loaded: ${(error as Error).message}` };
  } finally {
    if (keptIn !== null) closeSync(keptIn);
  }
}

const compileTwin = (mostFds: number, keptIn: number | null): Built =>
  inScratchFolder((folder) => {
    const library = join(folder, 'twin.so');
    const built = compile(SOURCE, library, SHARED);
    if (!built.ok) return built;
    const { compiler } = built;
    if (keptIn !== null) keep(keptIn, readFileSync(library), compiler);
    return { ok: true, twin: load(library, mostFds), compiler };
  });

type Run = (poller: number, work: number, turns: number) => number;

/** As many 64-bit fields as any of C's structs has. */
const MOST_FIELDS = 17;

function load(path: string, mostFds: number): Twin {
  const declare = loadLibrary(path);
  const run = {
    poll: declare<Run>('long twin_poll(intptr_t, intptr_t, long)'),
    'poll-each': declare<Run>('long twin_poll_each(intptr_t, intptr_t, long)'),
    epoll: declare<Run>('long twin_epoll(intptr_t, intptr_t, long)'),
    select: declare<Run>('long twin_select(intptr_t, intptr_t, long)'),
    io_uring: declare<Run>('long twin_io_uring(intptr_t, intptr_t, long)'),
  };
  const fds = allocate(mostFds * 4);
  const events = allocate(mostFds);
  const slots = allocate(mostFds * 4);
  const poller = allocate(MOST_FIELDS * 8);
  const worked = allocate(MOST_FIELDS * 8);
  return {
    batch(form, call, timeoutMs, work, evicting) {
      fill(poller, fieldsOf(call));
      fill(worked, [
        FORMS.indexOf(form),
        timeoutMs,
        work.addresses.fds,
        work.addresses.peers,
        work.fds.length,
        work.ready,
        Number(work.rotates),
        work.churnPer100,
        work.message,
        work.messageBytes,
        work.addresses.progress,
        evicting?.address ?? 0,
        evicting?.buffer.byteLength ?? 0,
        fds.address,
        events.address,
        slots.address,
      ]);
      const make = run[call.call];
      const name = `the C twin of ${call.call}`;
      return (turns) => check(make(poller.address, worked.address, turns), name);
    },
  };
}

function fill({ buffer }: Memory, fields: readonly number[]): void {
  const words = new BigInt64Array(buffer);
  for (const [at, field] of fields.entries()) words[at] = BigInt(field);
}

/** In the order of C's structs. */
function fieldsOf(call: NativeCall): number[] {
  switch (call.call) {
    case 'poll':
    case 'poll-each':
      return [call.pollfds, call.count];
    case 'epoll':
      return [call.epfd, call.events, call.room, call.triggerBit];
    case 'select':
      return [call.nfds, call.bytes, call.readWanted, call.writeWanted, call.readGot, call.writeGot];
    case 'io_uring':
      return [
        ...[call.ring, call.sqHead, call.sqTail, call.sqFlags, call.sqMask, call.sqes],
        ...[call.cqHead, call.cqTail, call.cqMask, call.cqes, call.room, call.generations, call.setup],
      ];
  }
}
