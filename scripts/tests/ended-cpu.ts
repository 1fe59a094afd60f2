import { readText } from '../../harness/collectors/collector.js';
import { TICK_MS } from '../../harness/collectors/cpu-ticks.js';

/** Behind the name, which is in parentheses and may hold anything. */
const [CUTIME, CSTIME] = [13, 14];

let lastTicks = 0;

/**
 * CPU seconds of processes that this one started, and of all that those waited for, which ended since it was asked last: asked at the end
 * of each, it tells one from another. Null where there is no /proc.
 */
export function cpuSecondsSinceLastAsked(): number | null {
  const stat = readText('/proc/self/stat');
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[CUTIME]) + Number(fields[CSTIME]);
  const seconds = ((ticks - lastTicks) * TICK_MS) / 1000;
  lastTicks = ticks;
  return seconds;
}
