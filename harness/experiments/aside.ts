import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { allowedCpus } from '../collectors/environment.js';
import type { PlanContext } from './experiment.js';

const DEADLINE_MS = 5000;

/** Whether there is util-linux's `taskset`. */
export const canStepAside = (): boolean =>
  spawnSync('taskset', ['--version'], { stdio: 'ignore', timeout: DEADLINE_MS }).status === 0;

/**
 * Keeps this process off the subject's CPU, and with it the helper threads of these children, which started wherever there was room;
 * each has put its first thread, the one that matters, where it belongs. Returns how to come back. It takes util-linux's `taskset`;
 * without it, or with one CPU, nothing changes, and figures of latency are less certain.
 */
export function stepAside(cpus: PlanContext['cpus'], children: readonly number[] = []): () => void {
  if (!cpus) return () => {};
  const allowed = allowedCpus();
  const others = allowed.filter((cpu) => cpu !== cpus.subject);
  if (others.length === 0) return () => {};
  moveTo(others);
  moveThreads(children.flatMap(helpersOf), others);
  return () => moveTo(allowed);
}

/** The threads of a process but its first; none where it has ended. */
function helpersOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).filter((thread) => Number(thread) !== pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** taskset takes one at a time. */
function moveThreads(threads: readonly string[], cpus: readonly number[]): void {
  const script = 'cpus=$1; shift; for thread; do taskset --cpu-list --pid "$cpus" "$thread"; done';
  spawnSync('sh', ['-c', script, 'sh', cpus.join(','), ...threads], {
    stdio: 'ignore',
    timeout: DEADLINE_MS,
  });
}

function moveTo(cpus: readonly number[]): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cpus.join(','), String(process.pid)], {
    stdio: 'ignore',
    timeout: DEADLINE_MS,
  });
}
