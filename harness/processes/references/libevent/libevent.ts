import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinThread } from '../../../../pollers/libc/linux/process.js';
import { compile } from '../../c-compiler.js';
import type { ChainConditions } from '../../cascade/protocol.js';
import { belongToParent, serve } from '../../control/child.js';
import type { Available } from '../../control/messages.js';
import { inScratchFolder } from '../../scratch-folder.js';
import type { LibeventProtocol } from './protocol.js';

/**
 * Runs cascades on libevent as programs of their own, on the CPU that this process is pinned to: a C driver, built when
 * Debian's libevent-dev or the like is there, and libevent's own benchmark, where LIBEVENT_BENCH names it.
 */

belongToParent();

const SOURCE = fileURLToPath(new URL('cascade.c', import.meta.url));
const DEADLINE_MS = 60_000;
const BENCH = process.env.LIBEVENT_BENCH;

let driver: string | null = null;

/** The program lives on as an open file of this process alone: nothing stays on disk, however it ends. */
function buildDriver(): Available<{ compiler: string }> {
  return inScratchFolder((folder) => {
    const program = join(folder, 'cascade');
    const built = compile(SOURCE, program, ['-levent_core']);
    if (!built.ok) {
      const noLibevent = /event2\/event\.h|-levent_core/.test(built.reason);
      return noLibevent ? { ok: false, reason: `libevent-dev is not installed: ${built.reason}` } : built;
    }
    driver = `/proc/${process.pid}/fd/${openSync(program, 'r')}`;
    return built;
  });
}

function findBench(): Available<object> {
  if (!BENCH) return { ok: false, reason: 'LIBEVENT_BENCH names no program' };
  return existsSync(BENCH)
    ? { ok: true }
    : { ok: false, reason: `LIBEVENT_BENCH names ${BENCH}, which is not there` };
}

/** The numbers that a program prints, one line each time. @throws Error when it fails or prints something else */
function run(program: string, args: readonly (string | number)[], columns: number): number[][] {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args.map(String), {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  if (error) throw error;
  if (status !== 0) {
    throw new Error(
      `ended with ${signal ?? `code ${status}`}: ${stderr.trim().split('\n').at(-1) || 'no message'}`,
    );
  }
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (!lines.every((line) => line.length >= columns && line.every((figure) => figure >= 0))) {
    throw new Error(`printed something else than times: ${stdout.trim().split('\n')[0]}`);
  }
  return lines;
}

const column = (lines: readonly (readonly number[])[], at: number): number[] =>
  lines.map((line) => line.at(at) as number);

const sizes = ({ pairs, active, writes }: ChainConditions) => [pairs, active, writes] as const;

serve<LibeventProtocol>({
  start({ cpu }) {
    if (cpu !== null) pinThread(cpu);
    return { driver: buildDriver(), bench: findBench() };
  },

  chains({ backend, conditions, count }) {
    if (!driver) throw new Error('the driver was not built');
    const lines = run(driver, [backend, ...sizes(conditions), count], 2);
    if (lines.length !== count) throw new Error(`${lines.length} chains were made instead of ${count}`);
    return { cpuNs: column(lines, 0), wallNs: column(lines, 1) };
  },

  bench({ backend, conditions }) {
    if (!BENCH) throw new Error('LIBEVENT_BENCH names no program');
    const [pairs, active, writes] = sizes(conditions);
    const args = ['-m', backend, '-n', pairs, '-a', active, '-w', writes];
    // Older ones print first what registering and the chain took together.
    return { wallUs: column(run(BENCH, args, 1), -1) };
  },
});
