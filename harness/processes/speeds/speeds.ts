import { SyscallError } from '../../../pollers/libc/call.js';
import { monotonicNs } from '../../../pollers/libc/linux/clock.js';
import { pinThread, runBeforeOthers } from '../../../pollers/libc/linux/process.js';
import { loadHarnessPoller } from '../../../pollers/manifest.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { PeriodicCallback } from '../../ioloop/periodic-callback.js';
import { UnitsLoop } from '../batch/sentinel.js';
import { belongToParent, type Handlers, serveOnLoop } from '../control/child.js';
import type { SpeedReading, SpeedsProtocol } from './protocol.js';

belongToParent();
const sentinel = new UnitsLoop();
const loop = new IOLoop({ poller: (await loadHarnessPoller())() });
let readings: SpeedReading[] = [];
let sampling: PeriodicCallback | null = null;

const handlers: Handlers<SpeedsProtocol> = {
  start({ cpu, first = false }) {
    if (cpu !== null) pinThread(cpu);
    return { ranked: first && isFirst() };
  },
  read({ ms, everyMs }) {
    const all: number[] = [];
    const end = monotonicNs() + ms * 1e6;
    for (let next = 0; monotonicNs() < end; ) {
      const reading = sentinel.read();
      if (monotonicNs() < next) continue;
      all.push(reading);
      next = monotonicNs() + everyMs * 1e6;
    }
    return { readings: all };
  },
  begin({ everyMs }) {
    sampling?.stop();
    readings = [read()];
    sampling = new PeriodicCallback(loop, everyMs, () => readings.push(read()));
    sampling.start();
    return {};
  },
  take() {
    if (!sampling) throw new Error('nothing was begun');
    sampling.stop();
    sampling = null;
    readings.push(read());
    return { readings };
  },
};

function read(): SpeedReading {
  const ns = sentinel.read();
  return { atNs: monotonicNs(), ns };
}

/** Where no rank is given it waits its turn, which its readings, in CPU time, do not see. */
function isFirst(): boolean {
  try {
    runBeforeOthers(0, 'timekeeper');
    return true;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return false;
  }
}

serveOnLoop(handlers, loop);
loop.start();
