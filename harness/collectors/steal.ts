import { type Collector, readText } from './collector.js';

/** /proc/stat counts in ticks of USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;
const STEAL_COLUMN = 7;

/** Time in which the hypervisor ran something else on the subject's CPU (or on any, when it is not pinned), in ms. */
export const stealMs: Collector = {
  read({ cpu }) {
    const line = readText('/proc/stat')
      ?.split('\n')
      .find((text) => text.startsWith(cpu === null ? 'cpu ' : `cpu${cpu} `));
    const ticks = line?.trim().split(/\s+/).slice(1)[STEAL_COLUMN];
    return ticks === undefined ? null : Number(ticks) * TICK_MS;
  },
};

/** How much of all CPU time since boot the hypervisor gave to others, as a share; null: unknown. */
export function stealShare(): number | null {
  const line = /^cpu\s+(.*)$/m.exec(readText('/proc/stat') ?? '')?.[1];
  // What follows steal, the time of guests, is in user time already.
  const ticks = line
    ?.split(/\s+/)
    .map(Number)
    .slice(0, STEAL_COLUMN + 1);
  const all = ticks?.reduce((sum, count) => sum + count, 0);
  return all ? (ticks?.[STEAL_COLUMN] ?? 0) / all : null;
}
