import type { Warning } from '../results/run-schema.js';
import type { PlanContext } from './experiment.js';

/** What a reader of latencies should know where nobody may run before others on its CPU. */
export function withoutRealtime({ cpus, probe }: PlanContext): Warning[] {
  // On a CPU that all share nobody asks for it.
  if (cpus === null || probe.realtime.ok) return [];
  return [
    {
      code: 'no-realtime',
      message: `the load waits for whoever else is on its CPU, which the slowest answers show: ${probe.realtime.reason}`,
      advice: 'run as root, or with CAP_SYS_NICE, on a system whose C library has sched_setscheduler',
    },
  ];
}
