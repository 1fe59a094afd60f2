import { type Collector, numberIn, readText } from './collector.js';

/** Time in which some task on this machine waited for a CPU, in us. */
export const cpuPressureUs: Collector = {
  read: () => numberIn(readText('/proc/pressure/cpu'), /^some .*total=(\d+)/m),
};
