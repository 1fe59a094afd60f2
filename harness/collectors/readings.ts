import type { Warning } from '../results/run-schema.js';
import type { Collector, Subject } from './collector.js';
import { processCpuNs, runQueueWaitNs, senderCpuNs, threadCpuNs } from './cpu-time.js';
import { epollSlabBytes, socketSlabBytes } from './kernel-caches.js';
import { peakResidentBytes, residentBytes } from './resident.js';
import { tcpPages, tcpSockets } from './sockets.js';
import { softirqMs } from './softirq.js';
import { stealMs } from './steal.js';
import { involuntarySwitches, voluntarySwitches } from './switches.js';

/** What is read about a server and its load once a round, beside the figures of the cells. One line per collector. */

/** Running totals: a round's reading is what was added. */
const totals = {
  threadCpuNs,
  processCpuNs,
  runQueueWaitNs,
  senderCpuNs,
  softirqMs,
  stealMs,
  voluntarySwitches,
  involuntarySwitches,
} satisfies Record<string, Collector>;

/** How much there is at the end of the round. */
const levels = {
  residentBytes,
  peakResidentBytes,
  epollSlabBytes,
  socketSlabBytes,
  tcpSockets,
  tcpPages,
} satisfies Record<string, Collector>;

export type ReadingName = keyof typeof totals | keyof typeof levels;
export type Readings = Record<ReadingName, number | null>;
export type Totals = Record<keyof typeof totals, number | null>;

const read = <Name extends string>(collectors: Record<Name, Collector>, subject: Subject) =>
  Object.fromEntries(
    Object.entries<Collector>(collectors).map(([name, collector]) => [name, collector.read(subject)]),
  ) as Record<Name, number | null>;

export const readTotals = (subject: Subject): Totals => read(totals, subject);

/** What was added since `before`, and how much there is now. */
export function readingsSince(before: Totals, subject: Subject): Readings {
  const now = readTotals(subject);
  const added = Object.fromEntries(
    Object.entries(now).map(([name, after]) => {
      const from = before[name as keyof Totals];
      return [name, after === null || from === null ? null : Math.max(0, after - from)];
    }),
  ) as Totals;
  return { ...added, ...read(levels, subject) };
}

let missingHere: readonly string[] | null = null;

/** Tried once in the life of this process: the kernel takes long to list its caches. */
function namesMissing(): readonly string[] {
  const self = { pid: process.pid, cpu: null, loadPids: [process.pid] };
  missingHere ??= Object.entries({ ...read(totals, self), ...read(levels, self) })
    .filter(([, value]) => value === null)
    .map(([name]) => name);
  return missingHere;
}

/** What cannot be read here, said once; the run goes on without it. */
export function unreadable(): Warning[] {
  const missing = namesMissing();
  if (missing.length === 0) return [];
  return [
    {
      code: 'not-collected',
      message: `not collected, because this system does not show it: ${missing.join(', ')}`,
      advice: 'slab caches are shown to root only, the rest wherever /proc is mounted whole',
    },
  ];
}
