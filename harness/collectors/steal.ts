import { type Collector, readText } from './collector.js';
import { msOnCpu, STEAL } from './cpu-ticks.js';

/** Time in which the hypervisor ran something else on the subject's CPU (or on any, when it is not pinned), in ms. */
export const stealMs: Collector = { read: ({ cpu }) => msOnCpu(cpu, STEAL) };

/** How much of all CPU time since boot the hypervisor gave to others, as a share; null: unknown. */
export function stealShare(): number | null {
  const line = /^cpu\s+(.*)$/m.exec(readText('/proc/stat') ?? '')?.[1];
  // What follows steal, the time of guests, is in user time already.
  const ticks = line
    ?.split(/\s+/)
    .map(Number)
    .slice(0, STEAL + 1);
  const all = ticks?.reduce((sum, count) => sum + count, 0);
  return all ? (ticks?.[STEAL] ?? 0) / all : null;
}
