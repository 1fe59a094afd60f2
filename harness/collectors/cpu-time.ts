import { readdirSync } from 'node:fs';
import { type Collector, readText } from './collector.js';

/**
 * /proc/PID/task/TID/schedstat: nanoseconds on a CPU, nanoseconds runnable but waiting for one, and time slices. Free of
 * ticks, except that a thread which runs just now is behind by up to one: read it while the thread sleeps.
 */
interface Schedule {
  readonly cpuNs: number;
  readonly runQueueWaitNs: number;
}

function scheduleOf(pid: number, thread: number): Schedule | null {
  const [cpuNs, runQueueWaitNs] = (readText(`/proc/${pid}/task/${thread}/schedstat`) ?? '')
    .split(' ')
    .map(Number);
  return cpuNs === undefined || runQueueWaitNs === undefined ? null : { cpuNs, runQueueWaitNs };
}

/** CPU time of the subject's measuring thread, which is its first one, in ns. */
export const threadCpuNs: Collector = { read: ({ pid }) => scheduleOf(pid, pid)?.cpuNs ?? null };

/** Time in which that thread could have run and another one had the CPU, in ns. */
export const runQueueWaitNs: Collector = { read: ({ pid }) => scheduleOf(pid, pid)?.runQueueWaitNs ?? null };

/** CPU time of all threads of the subject that live now, V8's helpers among them, in ns. */
export const processCpuNs: Collector = { read: ({ pid }) => cpuNsOfAll(pid) };

/** CPU time of all threads of the processes that load the subject, in ns. */
export const senderCpuNs: Collector = {
  read: ({ loadPids = [] }) =>
    loadPids.reduce<number | null>((sum, pid) => {
      const one = cpuNsOfAll(pid);
      return sum === null || one === null ? null : sum + one;
    }, 0),
};

function cpuNsOfAll(pid: number): number | null {
  const times = threadsOf(pid).map((thread) => scheduleOf(pid, thread)?.cpuNs ?? 0);
  return times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0);
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
    throw error;
  }
}
