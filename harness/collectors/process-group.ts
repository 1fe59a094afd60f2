import { readdirSync } from 'node:fs';
import { readText } from './collector.js';
import { processCpuNs } from './cpu-time.js';
import { residentBytes } from './resident.js';

/** What all processes of a group use together: a program of somebody else's may have started others. */

/** CPU time of all threads that live now, in ns. */
export const groupCpuNs = (group: number): number => sumOver(group, processCpuNs);

/** What they hold of physical memory, in bytes. */
export const groupResidentBytes = (group: number): number => sumOver(group, residentBytes);

const sumOver = (group: number, { read }: typeof processCpuNs): number =>
  membersOf(group).reduce((sum, pid) => sum + (read({ pid, cpu: null }) ?? 0), 0);

function membersOf(group: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && groupOf(pid) === group);
}

/** The third field after the name, which is in parentheses and may hold anything. */
function groupOf(pid: number): number | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}
