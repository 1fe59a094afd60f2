import { threadCpuNs } from '../../../pollers/libc/clock.js';
import { listenOnLoopback } from '../../../pollers/libc/sockets.js';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import { costOfClockNs } from '../batch/cost-of-clock.js';
import { belongToParent, serve } from '../control/child.js';
import { counted, loadClosures, type MeasurePairs, PairsSubject } from '../control/pairs-subject.js';
import type { Pool } from '../turn-probe/pool.js';
import type { Listening, LivesModule } from './lives.js';
import type { ChurnConditions, ChurnProtocol } from './protocol.js';

/** Registrations and connections that come and go, under every poller by turns, while others stay. */

belongToParent();

const closures = await loadClosures(
  loadedPollers,
  async (name) => (await import(`./lives.js?for=${name}`)) as LivesModule,
);
let listener: Listening | undefined;
const clockNs = costOfClockNs();

/** Registrations are made in portions, one CPU clock reading apart, until they have taken this long. */
const PORTION = 2000;
const REGISTRATIONS_NS = 2e6;

function withPoller<T>(name: PollerName, fds: readonly number[], use: (poller: Poller) => T): T {
  const poller = createPoller(name);
  try {
    for (const fd of fds) poller.register(fd, READ);
    return use(poller);
  } finally {
    poller.close();
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

const measure: MeasurePairs<ChurnConditions> = (pool, { poller, conditions }, series, { leadIn, count }) => {
  const closure = closures(poller, series);
  // Opened late: a socket that is older than the private file table would be held by two.
  listener ??= listenOnLoopback();
  const door = listener;
  const others = fdsOf(pool, conditions.watched);
  const lives = withPoller(poller, [door.fd, ...others], (measured) => {
    closure.live(measured, door, leadIn, clockNs);
    return counted(() => closure.live(measured, door, count, clockNs));
  });
  // While one is replaced the others are `watched`.
  const fds = fdsOf(pool, conditions.watched + 1);
  const cpuNsPerRegistration = withPoller(poller, fds, (measured) =>
    counted(() => registrationNs(measured, fds, closure)),
  );
  return {
    cpuNs: lives.cpuNs,
    turns: lives.turns,
    metrics: { cpuNsPerRegistration, cpuNsPerConnectionLife: lives.cpuNs / count },
  };
};

serve<ChurnProtocol>(new PairsSubject(measure, { conditions: { watched: 0 }, repetitions: 500 }).handlers);
