import { cpuQuota } from '../../collectors/cgroup.js';
import { check, fine } from '../check.js';

export const cpuQuotaCheck = check({
  id: 'cpu-quota',
  group: 'processor',
  read: () => cpuQuota(),
  judge(cores, { cpus, container }) {
    if (cores === null) return fine('none');
    const finding = `the control group may use ${Number(cores.toFixed(2))} CPUs' time, on ${cpus.length}`;
    if (cores >= cpus.length) return fine(finding);
    return {
      state: 'limited',
      finding,
      consequence:
        'once it is used up everything stops until the next period: wall times, slept turns and latencies contain that',
      command: container ? `docker update --cpus ${cpus.length} CONTAINER` : null,
    };
  },
});
