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
 * System calls per request, counted by strace from outside: a version's own counters know only the calls that it knows of.
 * A server gets a number of requests, one after the other, and then more of them; what the second window has more than
 * the first one is exact, because what attaching and detaching add is in both.
 */
const WINDOWS = [50, 150] as const;
const WARM_UP = 50;
const TRIES = 5;
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
    const [few, many] = WINDOWS;
    // What serves may be the process itself or one that it started; whichever does not serves sleeps.
    const pids = familyOf(server.pid as number);
    const [less, more] = [
      await usualCalls(pids, () => ask(port, client, few)),
      await usualCalls(pids, () => ask(port, client, many)),
    ];
    if (more - less < many - few)
      throw new LaunchFailure(
        'serve answers requests without system calls, so it seems: strace sees the wrong process',
      );
    client.destroy();
    const value = Math.round(((more - less) / (many - few)) * 10) / 10;
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

/**
 * The middle one of several tries. On a busy machine a request that comes in two pieces adds a call (one in a hundred made a gate
 * fail that had nothing to find), and strace, which says that it has attached, begins later and misses some.
 */
async function usualCalls(pids: readonly number[], work: () => Promise<void>): Promise<number> {
  const counts: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) counts.push(await callsDuring(pids, work));
  return median(counts);
}

/** Calls of the first thread of each process, which runs its loop, while `work` is done. */
async function callsDuring(pids: readonly number[], work: () => Promise<void>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-strace-'));
  const output = join(folder, 'counts');
  const strace = spawn(
    'strace',
    ['-c', '-U', 'name,calls', '-o', output, ...pids.flatMap((pid) => ['-p', String(pid)])],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  try {
    const ended = once(strace, 'close');
    await attached(strace, pids.length);
    await work();
    // The answer leaves before the server is back in its wait.
    await sleep(20);
    strace.kill('SIGINT');
    await ended;
    return callsIn(readFileSync(output, 'utf8'));
  } finally {
    strace.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function attached(strace: ChildProcess, processes: number): Promise<void> {
  let said = '';
  if (!strace.stderr) throw new LaunchFailure('strace has no output');
  for await (const text of strace.stderr.setEncoding('utf8')) {
    said += text;
    if (said.split(' attached').length > processes) return;
  }
  throw new LaunchFailure(`strace cannot attach: ${said.trim().split('\n')[0]}`);
}

const callsIn = (counts: string): number =>
  counts.split('\n').reduce((sum, line) => {
    const [, name, calls] = /^(\w+)\s+(\d+)\s*$/.exec(line.trim()) ?? [];
    return name === undefined || name === 'total' ? sum : sum + Number(calls);
  }, 0);
