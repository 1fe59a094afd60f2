import { readdirSync, readFileSync } from 'node:fs';

/** What /proc says of a process that works for us. */

/** CPU time of one thread in ns; of the main thread unless another one is named. */
export const threadCpuNs = (pid: number, thread: string | number = pid): number =>
  Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);

/** CPU time of all its threads in ns. */
export const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadCpuNs(pid, thread), 0);

const status = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** How often the main thread got or lost the CPU. */
export const switches = (pid: number): number =>
  status(pid, 'voluntary_ctxt_switches') + status(pid, 'nonvoluntary_ctxt_switches');

export const residentBytes = (pid: number): number => status(pid, 'VmRSS') * 1024;

/** Open files of the main thread's table. */
export const openFds = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
