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
