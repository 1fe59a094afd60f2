import { threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { fdLimit } from '../../../pollers/libc/linux/process.js';
import { listenOnLoopback } from '../../../pollers/libc/linux/sockets.js';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import { costOfClockNs } from '../batch/cost-of-clock.js';
import { copyModules } from '../batch/module-copies.js';
import { fdNumbers, type Pool } from '../batch/pool.js';
import type { BatchVisit } from '../batch/protocol.js';
import { BatchSubject, startHandlers } from '../batch/subject.js';
import type { Workload } from '../batch/workload.js';
import { belongToParent, serve } from '../control/child.js';
import { closeInherited } from '../file-table.js';
import type { Listening, LivesModule } from './lives.js';
import type { ChurnConditions, ChurnProtocol } from './protocol.js';

/** Registrations and connections that come and go, under every poller by turns, while others stay. */

belongToParent();
closeInherited();

const copies = await copyModules(
  loadedPollers,
  async (copy) => (await import(`./lives.js?for=${copy}`)) as LivesModule,
);
const clockNs = costOfClockNs();

/** Registrations are made in portions, one CPU clock reading apart, until they have taken this long. */
const PORTION = 2000;
const REGISTRATIONS_NS = 2e6;
const WARM_UP_LIVES = 500;

let listener: Listening | undefined;

/** Opened late: a socket that is older than the private file table would be held by two. */
function door(): Listening {
  listener ??= listenOnLoopback();
  return listener;
}

function watching(name: PollerName, fds: readonly number[]): Poller {
  const poller = createPoller(name);
  try {
    for (const fd of fds) poller.register(fd, READ);
    return poller;
  } catch (error) {
    poller.close();
    throw error;
  }
}

const fdsOf = (pool: Pool, count: number): number[] => Array.from({ length: count }, (_, at) => pool.fd(at));

function registrationNs(poller: Poller, fds: readonly number[], { replace }: LivesModule): number {
  replace(poller, fds, Math.max(PORTION, fds.length));
  let spentNs = 0;
  let made = 0;
  for (; spentNs < REGISTRATIONS_NS; made += PORTION) {
    const before = threadCpuNs();
    replace(poller, fds, PORTION);
    spentNs += threadCpuNs() - before - clockNs;
  }
  return spentNs / made;
}

const workload: Workload<ChurnConditions> = {
  withScene(pool, { poller: name, conditions: { watched } }, _series, use) {
    // While one is replaced the others are `watched`.
    const fds = fdsOf(pool, watched + 1);
    let poller = watching(name, [door().fd, ...fds.slice(0, watched)]);
    try {
      return use({
        run: (series, lives) => copies(name, series).live(poller, door(), lives, clockNs).cpuNs,
        measure(series, lives) {
          const copy = copies(name, series);
          const { cpuNs, turns } = copy.live(poller, door(), lives, clockNs);
          poller.close();
          poller = watching(name, fds);
          return {
            turns,
            metrics: {
              cpuNsPerRegistration: registrationNs(poller, fds, copy),
              cpuNsPerConnectionLife: cpuNs / lives,
            },
          };
        },
      });
    } finally {
      poller.close();
    }
  },
  sceneOfItsOwn: () => true,
  secondCopyBatches: () => 1,
  leadIn: (_, lives) => Math.ceil(lives / 10),
  fixedRepetitions: () => null,
  warmUpKey: () => '',
  warmUp(pool, { poller, series }) {
    const visit: BatchVisit<ChurnConditions> = { poller, conditions: { watched: 0 }, series };
    for (const name of series)
      this.withScene(pool, visit, [name], (scene) => scene.measure(name, WARM_UP_LIVES));
  },
};

const subject = new BatchSubject(workload, fdNumbers(fdLimit().soft));
serve<ChurnProtocol>({ ...startHandlers, ...subject.handlers });
