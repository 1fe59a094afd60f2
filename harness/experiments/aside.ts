import { spawnSync } from 'node:child_process';
import { allowedCpus } from '../collectors/environment.js';
import type { PlanContext } from './experiment.js';

const DEADLINE_MS = 5000;

/** Whether there is util-linux's `taskset`. */
export const canStepAside = (): boolean =>
  spawnSync('taskset', ['--version'], { stdio: 'ignore', timeout: DEADLINE_MS }).status === 0;

/**
 * Keeps this process off the subject's CPU, and with it the helper threads of children that it starts from now on; these put
 * the thread that matters where it belongs. Returns how to come back. It takes util-linux's `taskset`; without it, or with
 * one CPU, nothing changes, and figures of latency are less certain.
 */
export function stepAside(cpus: PlanContext['cpus']): () => void {
  if (!cpus) return () => {};
  const allowed = allowedCpus();
  const others = allowed.filter((cpu) => cpu !== cpus.subject);
  if (others.length === 0) return () => {};
  moveTo(others);
  return () => moveTo(allowed);
}

function moveTo(cpus: readonly number[]): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cpus.join(','), String(process.pid)], {
    stdio: 'ignore',
    timeout: DEADLINE_MS,
  });
}
