import { cpuQuota } from '../collectors/cgroup.js';
import { allowedCpus } from '../collectors/environment.js';
import type { Warning } from '../results/run-schema.js';

/** What a quota on CPU time does to figures: whoever has used it up stands still until the next period. */
export function quotaWarnings(cores = cpuQuota(), cpus = allowedCpus().length): Warning[] {
  if (cores === null || cores >= cpus) return [];
  return [
    {
      code: 'cpu-quota',
      message:
        `the control group may use ${Number(cores.toFixed(2))} CPUs' time on ${cpus}: wall times, latencies and requests per ` +
        'second contain its pauses, CPU times do not',
      advice: 'lift the quota, or rely on CPU times alone',
    },
  ];
}
