import { type Collector, numberIn, readText } from './collector.js';

/** What the subject holds of physical memory, in bytes: in user space only, what the kernel keeps for it is not in it. */
export const residentBytes: Collector = { read: ({ pid }) => inStatus(pid, /^VmRSS:\s+(\d+) kB/m) };

/** The most that it has held. Unlike ru_maxrss this does not start at its parent's peak. */
export const peakResidentBytes: Collector = { read: ({ pid }) => inStatus(pid, /^VmHWM:\s+(\d+) kB/m) };

function inStatus(pid: number, pattern: RegExp): number | null {
  const kib = numberIn(readText(`/proc/${pid}/status`), pattern);
  return kib === null ? null : kib * 1024;
}
