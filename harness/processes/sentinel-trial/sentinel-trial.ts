import { threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { socketpair } from '../../../pollers/libc/linux/sockets.js';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import { pollerOf } from '../../../pollers/manifest.js';
import { READ } from '../../../pollers/poller.js';
import { type Sentinel, UnitsLoop } from '../batch/sentinel.js';
import type { Handlers } from '../control/child.js';
import { randomFrom, shuffle } from '../load/random.js';
import { runProbe } from '../turn-probe/probe.js';
import { FORMS, type Form, type SentinelTrialProtocol } from './protocol.js';

/** A turn probe with several sentinels side by side, to see which of them tells how fast a turn is. */

/** All take about 20 us at full speed. */
const CHAIN_STEPS = 15_000;
const CHASE_STEPS = 4096;
const SOCKETS = 60;
const CALLS = 6;
const LINES = 8192;
const WORDS_PER_LINE = 16;

function timed(work: () => void): number {
  const before = threadCpuNs();
  work();
  return threadCpuNs() - before;
}

class DependentChain implements Sentinel {
  #state = 1;

  read(): number {
    return timed(() => {
      let state = this.#state;
      for (let step = 0; step < CHAIN_STEPS; step++) state = Math.imul(state, 0x01000193) ^ step;
      this.#state = state;
    });
  }
}

/** Each line names the next one: one cycle through all of them, in an order that no prefetcher guesses. */
class CacheChase implements Sentinel {
  readonly #next = new Int32Array(LINES * WORDS_PER_LINE);
  #at = 0;

  constructor() {
    const order = shuffle(
      Int32Array.from({ length: LINES }, (_, line) => line),
      randomFrom(1),
    );
    for (const [place, line] of order.entries())
      this.#next[line * WORDS_PER_LINE] = (order[(place + 1) % LINES] as number) * WORDS_PER_LINE;
  }

  read(): number {
    return timed(() => {
      let at = this.#at;
      for (let step = 0; step < CHASE_STEPS; step++) at = this.#next[at] as number;
      this.#at = at;
    });
  }
}

/** Made late: a socket that is older than the private file table would be held by two. */
class ShortPoll implements Sentinel {
  #poller: ReturnType<typeof createPoller> | null = null;

  read(): number {
    const poller = this.#poller ?? this.#open();
    return timed(() => {
      for (let call = 0; call < CALLS; call++) poller.wait(0);
    });
  }

  #open() {
    this.#poller = createPoller(pollerOf('poll'));
    for (let pair = 0; pair < SOCKETS; pair++) this.#poller.register(socketpair()[0], READ);
    return this.#poller;
  }
}

const sentinels: Readonly<Record<Form, Sentinel>> = {
  units: new UnitsLoop(),
  chain: new DependentChain(),
  cache: new CacheChase(),
  poll: new ShortPoll(),
};
const forms = Object.keys(FORMS) as Form[];
const none = (): Record<Form, number[]> => ({ units: [], chain: [], cache: [], poll: [] });
let readings = none();

const all: Sentinel = {
  read() {
    for (const form of forms) readings[form].push(sentinels[form].read());
    return readings.units.at(-1) as number;
  },
};

const handlers: Pick<Handlers<SentinelTrialProtocol>, 'readings'> = {
  readings() {
    const read = readings;
    readings = none();
    return { readings: read };
  },
};

await runProbe(loadedPollers, createPoller, { sentinel: all, more: handlers });
