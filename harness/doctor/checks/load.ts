import os from 'node:os';
import { cpuPressureShare } from '../../collectors/pressure.js';
import { check, fine } from '../check.js';

/** Above this share a round is flagged `cpu-pressure`. */
const PRESSURE_SHARE = 0.1;
/** Subject and load together, some of the time. */
const WANTED_CPUS = 1.5;

export const load = check({
  id: 'load',
  group: 'processor',
  read: () => ({ average: os.loadavg()[0] ?? 0, pressure: cpuPressureShare() }),
  judge({ average, pressure }, { cpus }) {
    const waited =
      pressure === null ? '' : `; in ${percent(pressure)} of the last 10 s something waited for a CPU`;
    const finding = `load ${average.toFixed(2)} on ${cpus.length === 1 ? '1 CPU' : `${cpus.length} CPUs`}${waited}`;
    const crowded = cpus.length - average < Math.min(WANTED_CPUS, cpus.length - 0.5);
    if (!crowded && (pressure ?? 0) <= PRESSURE_SHARE) return fine(finding);
    return {
      state: 'limited',
      finding,
      consequence:
        'something else is at work: intervals widen, rounds get the flags switches and cpu-pressure; wait for it, or stop it',
      command: 'ps -eo pcpu,pid,args --sort=-pcpu | head -5',
    };
  },
});

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
