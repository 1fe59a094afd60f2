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

/** A process and all that it started, and what those started. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  const parents = processes().map((each) => [each, fieldsOf(each)?.parent] as const);
  for (const member of family) {
    for (const [each, parent] of parents) if (parent === member) family.push(each);
  }
  return family;
}

const membersOf = (group: number): number[] => processes().filter((pid) => fieldsOf(pid)?.group === group);

const processes = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);

/** The fields behind the name, which is in parentheses and may hold anything. */
function fieldsOf(pid: number): { parent: number; group: number } | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(parent), group: Number(group) };
}
