import { threadCpuNs } from '../../../pollers/libc/clock.js';
import { middleOf } from './middle.js';

/** What two readings of the thread's CPU clock in a row are apart, in ns: the median of many. */
export function costOfClockNs(): number {
  const costs = Array.from({ length: 2001 }, () => {
    const before = threadCpuNs();
    return threadCpuNs() - before;
  });
  return middleOf(costs);
}
