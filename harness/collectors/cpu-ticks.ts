import { readText } from './collector.js';

/** /proc/stat counts in ticks of USER_HZ, which is 100 on every Linux that Node runs on. */
export const TICK_MS = 10;

/** Columns of a CPU's line in /proc/stat. */
export const SOFTIRQ = 6;
export const STEAL = 7;

/** Time since boot that one CPU (null: all of them together) has spent in one column, in ms; null: unknown. */
export function msOnCpu(cpu: number | null, column: number): number | null {
  const line = readText('/proc/stat')
    ?.split('\n')
    .find((text) => text.startsWith(cpu === null ? 'cpu ' : `cpu${cpu} `));
  const ticks = line?.trim().split(/\s+/).slice(1)[column];
  return ticks === undefined ? null : Number(ticks) * TICK_MS;
}
