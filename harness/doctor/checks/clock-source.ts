import { availableClocksources, clocksource } from '../../collectors/environment.js';
import { asRoot } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';

/** Read in user space, without a system call. */
const FAST = /^(tsc|kvm-clock|arch_sys_counter|hyperv_clocksource_tsc_page)$/;

export const clockSource = check({
  id: 'clock-source',
  group: 'processor',
  read: () => ({ current: clocksource(), available: availableClocksources() }),
  judge({ current, available }, machine) {
    if (current === null) return fine('not visible');
    if (FAST.test(current)) return fine(current);
    const faster = available.find((name) => FAST.test(name));
    const file = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
    return {
      state: 'limited',
      finding: `${current}: reading the clock is a system call`,
      consequence: 'wallNsPerTurn and latencies are coarser; CPU times come from another clock and are not',
      command: faster ? `echo ${faster} | ${asRoot(`tee ${file}`, machine)}` : null,
    };
  },
});
