import { monotonicNs } from '../../../pollers/libc/linux/clock.js';
import { pinThread } from '../../../pollers/libc/linux/process.js';
import { UnitsLoop } from '../batch/sentinel.js';
import { belongToParent, type Handlers, serve } from '../control/child.js';
import type { SpeedsProtocol } from './protocol.js';

belongToParent();
const sentinel = new UnitsLoop();

const handlers: Handlers<SpeedsProtocol> = {
  start({ cpu }) {
    if (cpu !== null) pinThread(cpu);
    return {};
  },
  read({ ms, everyMs }) {
    const readings: number[] = [];
    const end = monotonicNs() + ms * 1e6;
    for (let next = 0; monotonicNs() < end; ) {
      const reading = sentinel.read();
      if (monotonicNs() < next) continue;
      readings.push(reading);
      next = monotonicNs() + everyMs * 1e6;
    }
    return { readings };
  },
};

serve(handlers);
