import { POLLFD_BYTES } from './libc/layout.js';
import { monotonicNs } from './libc/linux/clock.js';
import { pollCall } from './libc/polling.js';
import { PollfdPoller } from './pollfds.js';

/**
 * The loop that select was invented against: asks each fd alone, pass after pass, until something is ready or the time
 * is over. It never gives up the CPU, and a signal handler cannot interrupt what does not sleep.
 */
export class BusyPoller extends PollfdPoller {
  constructor() {
    super('busy', { blocks: false, call: 'poll-each' });
  }

  protected override ask(pollfds: number, count: number, timeoutMs: number): number {
    const deadlineNs = timeoutMs > 0 ? monotonicNs() + timeoutMs * 1e6 : timeoutMs;
    for (;;) {
      let ready = 0;
      for (let slot = 0; slot < count; slot++) {
        const answered = pollCall(pollfds + slot * POLLFD_BYTES, 1, 0);
        if (answered === -1) return -1;
        ready += answered;
      }
      if (ready > 0 || deadlineNs === 0) return ready;
      if (deadlineNs > 0 && monotonicNs() >= deadlineNs) return 0;
    }
  }
}
