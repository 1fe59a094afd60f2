import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readRun, readSamples } from '../harness/results/run-folder.js';
import { randomFrom, seedFrom } from '../harness/statistics/random.js';
import { pollerOf } from '../pollers/manifest.js';

/**
 * Ends runs at random moments and by random means, resumes them until they are complete, and checks after each end what
 * a run promises: a readable folder, no finished round lost, no process left.
 */

const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));
const LAUNCHES = ['--launches', '2'];
const BENCH = [
  'bench',
  '--pollers',
  `${pollerOf('poll')},${pollerOf('epoll')}`,
  '--connections',
  '1,10',
  '--seed',
  '1',
  ...LAUNCHES,
];
const PATIENCE_MS = 5000;
const WAYS = ['SIGINT', 'SIGTERM', 'SIGKILL', 'subject'] as const;
/** A signal that comes before the program is ready for it ends it plainly; a subject that dies before it could say what
 * it can do is a failure of the environment. */
const ENDINGS = {
  SIGINT: ['code 130', 'SIGINT'],
  SIGTERM: ['code 143', 'SIGTERM'],
  SIGKILL: ['SIGKILL'],
  subject: ['code 1', 'code 5'],
} as const;

/** What is killed, and until when: about as long as it takes. */
export interface Killed {
  readonly experiments: string;
  readonly latestMs: number;
}

export interface KillSummary {
  readonly kills: Record<(typeof WAYS)[number], number>;
  readonly completed: number;
  readonly roundsKept: number;
  /** One line for each promise that was broken. */
  readonly broken: readonly string[];
}

/** @param progress is told of each kill */
export async function killRuns(
  times: number,
  seed: number,
  { experiments, latestMs }: Killed,
  progress: (line: string) => void,
): Promise<KillSummary> {
  const random = randomFrom(seedFrom(seed, 'kills'));
  const base = mkdtempSync(join(tmpdir(), 'pollcost-kills-'));
  const kills = { SIGINT: 0, SIGTERM: 0, SIGKILL: 0, subject: 0 };
  const broken: string[] = [];
  let completed = 0;
  let roundsKept = 0;
  let folder = join(base, 'run-0');
  for (let kill = 0; kill < times; kill++) {
    const way = WAYS[Math.floor(random() * WAYS.length)] ?? 'SIGKILL';
    const afterMs = random() * latestMs;
    const before = finishedSamples(folder);
    const { ended, tag, unexpected } = await runAndEnd(folder, base, experiments, way, afterMs);
    kills[way]++;
    const what = `kill ${kill + 1}: ${way} after ${afterMs.toFixed(0)} ms`;
    const defects = [...unexpected, ...(await orphans(tag)), ...folderDefects(folder, before)];
    broken.push(...defects.map((defect) => `${what}: ${defect}`));
    roundsKept += roundsIn(before);
    progress(`${what}: ${ended}${defects.length > 0 ? ` BROKEN ${defects.join('; ')}` : ''}`);
    if (isComplete(folder)) {
      completed++;
      rmSync(folder, { recursive: true });
      folder = join(base, `run-${completed}`);
    }
  }
  if (broken.length === 0) rmSync(base, { recursive: true });
  return { kills, completed, roundsKept, broken };
}

/** Starts the run, or goes on with it, and ends it. A run that is faster than the kill is left alone. */
async function runAndEnd(
  folder: string,
  cwd: string,
  experiments: string,
  way: (typeof WAYS)[number],
  afterMs: number,
) {
  const tag = `${process.pid}-${Math.random()}`;
  const args = existsSync(join(folder, 'run.json'))
    ? ['bench', '--resume', folder, ...LAUNCHES]
    : [...BENCH, '--experiments', experiments, '--out', folder];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    stdio: 'ignore',
    env: { ...process.env, POLLCOST_TAG: tag },
  });
  const exit = once(child, 'exit');
  const early = await Promise.race([exit, sleep(afterMs)]);
  if (!early) end(child, way);
  const [code, signal] = (await exit) as [number | null, string | null];
  const outcome = signal ?? `code ${code}`;
  const ended = early ? `was complete before (${outcome})` : `ended with ${outcome}`;
  // A signal that comes when all is done does no harm.
  const expected = early ? ['code 0'] : ['code 0', ...ENDINGS[way]];
  return { ended, tag, unexpected: expected.includes(outcome) ? [] : [`${way} ended it with ${outcome}`] };
}

function end(child: ChildProcess, way: (typeof WAYS)[number]): void {
  if (way !== 'subject') {
    child.kill(way);
    return;
  }
  for (const pid of childrenOf(child.pid ?? 0)) killIfAlive(pid);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

/** Processes that carry the run's tag in their environment a while after it ended. */
async function orphans(tag: string): Promise<string[]> {
  let left: string[] = [];
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 50) {
    left = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && environment(entry).includes(tag));
    if (left.length === 0) return [];
    await sleep(50);
  }
  return left.map((pid) => `process ${pid} is left`);
}

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}

/** What samples.ndjson holds up to its last finished round. */
function finishedSamples(folder: string): Buffer {
  const path = join(folder, 'samples.ndjson');
  return existsSync(path)
    ? readFileSync(path).subarray(0, readSamples(folder).finishedBytes)
    : Buffer.alloc(0);
}

const roundsIn = (samples: Buffer): number => samples.toString().split('"kind":"round"').length - 1;

function folderDefects(folder: string, before: Buffer): string[] {
  try {
    if (existsSync(join(folder, 'run.json'))) readRun(folder);
    const after = finishedSamples(folder);
    return after.subarray(0, before.length).equals(before) ? [] : ['finished rounds were lost'];
  } catch (error) {
    return [`the folder cannot be read: ${(error as Error).message}`];
  }
}

function isComplete(folder: string): boolean {
  if (!existsSync(join(folder, 'run.json'))) return false;
  const { status, experiments } = readRun(folder);
  return status === 'completed' && experiments.every((experiment) => experiment.status === 'completed');
}
