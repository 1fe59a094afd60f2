import { spawnSync } from 'node:child_process';
import { allowedCpus } from '../collectors/environment.js';
import type { PlanContext } from './experiment.js';

const DEADLINE_MS = 5000;

/** Processes by what they are for. */
export interface Family {
  /** Their main thread is what is measured: it stays where it has pinned itself. */
  readonly subjects: readonly number[];
  readonly others: readonly number[];
}

/**
 * Keeps this process off the subject's CPU, and with it its children and the helper threads of the subjects. They start on
 * all CPUs, which takes half the time. Returns how to come back. It takes util-linux's `taskset`; without it, or with one
 * CPU, nothing changes, and figures of latency are less certain.
 */
export function stepAside(
  cpus: PlanContext['cpus'],
  { subjects, others: children }: Family = { subjects: [], others: [] },
): () => void {
  if (!cpus) return () => {};
  const allowed = allowedCpus();
  const others = allowed.filter((cpu) => cpu !== cpus.subject);
  if (others.length === 0) return () => {};
  for (const pid of [process.pid, ...children, ...subjects]) move(pid, others, ALL_THREADS);
  for (const pid of subjects) move(pid, [cpus.subject], MAIN_THREAD);
  return () => move(process.pid, allowed, ALL_THREADS);
}

const ALL_THREADS = ['--all-tasks'];
const MAIN_THREAD: readonly string[] = [];

function move(pid: number, cpus: readonly number[], which: readonly string[]): void {
  spawnSync('taskset', [...which, '--cpu-list', '--pid', cpus.join(','), String(pid)], {
    stdio: 'ignore',
    timeout: DEADLINE_MS,
  });
}
