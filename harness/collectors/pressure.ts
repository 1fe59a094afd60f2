import { type Collector, numberIn, readText } from './collector.js';

/** Time in which some task on this machine waited for a CPU, in us. */
export const cpuPressureUs: Collector = {
  read: () => numberIn(readText('/proc/pressure/cpu'), /^some .*total=(\d+)/m),
};

/** Share of the last ten seconds in which some task waited for a CPU; null where the kernel does not account for it. */
export function cpuPressureShare(): number | null {
  const percent = numberIn(readText('/proc/pressure/cpu'), /^some avg10=([\d.]+)/m);
  return percent === null ? null : percent / 100;
}
