import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf } from '../collectors/process-group.js';
import { median } from '../statistics/median.js';
import { type Figure, metricId, SYSCALLS } from './figures.js';
import { LaunchFailure } from './input-error.js';
import { Stopped } from './version.js';

/**
 * System calls per request, counted by strace from outside: a version's own counters know only the calls that it knows of. A server
 * gets requests one after the other until strace shows that it sees them, and then those that count.
 */
const COUNTED = 100;
const WARM_UP = 50;
const TRIES = 5;
/** A request that is seen in full makes so many at least: it is read and answered. */
const LEAST_CALLS = 2;
/** An answer leaves before the server is back in its wait. */
const SETTLE_MS = 20;
const PATIENCE_MS = 30_000;

/** Why system calls cannot be counted here; null where they can. */
export function whyNotCounted(): string | null {
  const { error, status } = spawnSync('strace', ['-V'], { stdio: 'ignore' });
  if (error) return 'system calls per request are not counted: strace is not installed';
  if (status !== 0) return 'system calls per request are not counted: strace does not run here';
  const tried = spawnSync('strace', ['-c', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  return tried.status === 0
    ? null
    : `system calls per request are not counted: ${tried.stderr.trim().split('\n')[0]}`;
}

/** Starts `serve` and counts; null where strace is missing or not allowed. @throws LaunchFailure */
export async function countSyscalls(
  command: readonly [string, ...string[]],
  poller: string,
  stop: AbortSignal,
): Promise<Figure | null> {
  if (whyNotCounted() !== null) return null;
  const [program, ...args] = command;
  const server = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const kill = () => server.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  try {
    const port = await portOf(server);
    const client = new http.Agent({ keepAlive: true, maxSockets: 1 });
    await ask(port, client, WARM_UP);
    // What serves may be the process itself or one that it started; whichever does not serves sleeps.
    const pids = familyOf(server.pid as number);
    const calls = await usualCalls(pids, (times) => ask(port, client, times));
    client.destroy();
    const value = Math.round((calls / COUNTED) * 10) / 10;
    const factors = { app: 'fixed' };
    return {
      id: metricId('serve', poller, SYSCALLS, factors),
      kind: 'exact',
      ...{ experiment: 'serve', poller, metric: SYSCALLS, factors },
      unit: 'count',
      readings: [{ value, passNs: null }],
    };
  } catch (error) {
    if (stop.aborted) throw new Stopped();
    throw error;
  } finally {
    stop.removeEventListener('abort', kill);
    kill();
  }
}

async function portOf(server: ChildProcess): Promise<number> {
  const late = setTimeout(() => server.kill('SIGKILL'), PATIENCE_MS);
  try {
    if (!server.stdout) throw new LaunchFailure('serve has no output');
    for await (const line of createInterface({ input: server.stdout })) {
      const port = /^listening on .*:(\d+)/.exec(line)?.[1];
      if (port) return Number(port);
    }
    throw new LaunchFailure('serve ended before it listened');
  } finally {
    clearTimeout(late);
  }
}

async function ask(port: number, agent: http.Agent, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await new Promise<void>((resolve, reject) => {
      const request = http.get({ host: '127.0.0.1', port, agent, timeout: PATIENCE_MS }, (response) => {
        response.resume().on('end', resolve).on('error', reject);
      });
      request
        .on('error', reject)
        .on('timeout', () => request.destroy(new LaunchFailure('serve does not answer')));
    });
  }
}

/** Sends so many requests, one after the other. */
type Asking = (times: number) => Promise<void>;

/** The middle one of several tries: on a busy machine a request that comes in two pieces adds a call. */
async function usualCalls(pids: readonly number[], asking: Asking): Promise<number> {
  const counts: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) counts.push(await callsOf(pids, asking));
  return median(counts);
}

/** Calls of the first thread of each process, which runs its loop, for the requests that count. */
async function callsOf(pids: readonly number[], asking: Asking): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-strace-'));
  const output = join(folder, 'calls');
  const strace = spawn(
    'strace',
    ['-e', 'raw=all', '-o', output, ...pids.flatMap((pid) => ['-p', String(pid)])],
    { stdio: ['ignore', 'ignore', 'pipe'], timeout: 2 * PATIENCE_MS, killSignal: 'SIGKILL' },
  );
  const callsFor = async (times: number) => {
    const before = callsIn(readFileSync(output, 'utf8'));
    await asking(times);
    await sleep(SETTLE_MS);
    return callsIn(readFileSync(output, 'utf8')) - before;
  };
  try {
    await attached(strace, pids.length);
    // It says that it has attached, and begins later.
    for (const late = Date.now() + PATIENCE_MS; (await callsFor(1)) < LEAST_CALLS; )
      if (Date.now() > late)
        throw new LaunchFailure(
          'serve answers requests without system calls, so it seems: strace sees the wrong process',
        );
    const calls = await callsFor(COUNTED);
    if (strace.exitCode !== null || strace.signalCode !== null)
      throw new LaunchFailure('strace ended before it had counted');
    return calls;
  } finally {
    const ended = once(strace, 'close');
    if (strace.kill('SIGINT')) await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Its output is read to the end: strace that cannot write any more, be it the end of a line, is killed. */
function attached(strace: ChildProcess, processes: number): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    strace.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.split(' attached').length > processes) resolve();
    });
    strace.on('error', reject);
    strace.on('close', () =>
      reject(new LaunchFailure(`strace cannot attach: ${said.trim().split('\n')[0]}`)),
    );
  });
}

/** A call begins a line, behind its process where there are several; one that another process interrupted goes on in a line of its own. */
const callsIn = (lines: string): number => lines.match(/^(\d+\s+)?\w+\(/gm)?.length ?? 0;
