import { fdLimit } from '../../../pollers/libc/linux/process.js';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { ErrorReport } from '../../ioloop/errors.js';
import { copyModules } from '../batch/module-copies.js';
import { fdNumbers, type Pool } from '../batch/pool.js';
import type { BatchVisit, TurnSeries } from '../batch/protocol.js';
import { BatchSubject, startHandlers } from '../batch/subject.js';
import type { Scene, Workload } from '../batch/workload.js';
import { belongToParent, serve } from '../control/child.js';
import { closeInherited } from '../file-table.js';
import type { Chains, ChainsModule } from './chains.js';
import { CompletionChains } from './completion-chains.js';
import type { CascadeProtocol, ChainConditions, ChainMaker } from './protocol.js';

/** Cascades on our loop: every poller by turns on the same pairs, of which only the measured one knows. */

belongToParent();
closeInherited();

/** Chains after which V8 has compiled a copy. */
const WARM_UP: ChainConditions = { pairs: 1, active: 1, writes: 100 };
const WARM_UP_CHAINS = 60;

const copies = await copyModules(loadedPollers, async (copy) => ({
  ...((await import(`../../ioloop/ioloop.js?for=${copy}`)) as typeof import('../../ioloop/ioloop.js')),
  ...((await import(`./chains.js?for=${copy}`)) as ChainsModule),
}));

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

/** A neighbour that takes the CPU away for a while shows in few chains. */
const middle = (figures: readonly number[]): number =>
  [...figures].sort((a, b) => a - b)[figures.length >> 1] as number;

const onError = ({ error }: ErrorReport): void => {
  throw error;
};

function withChains<T>(
  pool: Pool,
  poller: PollerName,
  series: TurnSeries,
  conditions: ChainConditions,
  use: (chains: Chains) => T,
): T {
  const module = copies(poller, series);
  const loop = new module.IOLoop({ poller: createPoller(poller), onError });
  try {
    return use(new module.Chains(loop, pool, conditions));
  } finally {
    loop.close();
  }
}

function withCompletions<T>(pool: Pool, conditions: ChainConditions, use: (chains: ChainMaker) => T): T {
  const chains = new CompletionChains(pool, conditions);
  try {
    return use(chains);
  } finally {
    chains.close();
  }
}

const sceneOf = (chains: ChainMaker, { active, writes }: ChainConditions): Scene => ({
  run: (_, count) => sum(chains.run(count).cpuNs),
  measure(_, count) {
    const { cpuNs, wallNs, turns, syscalls } = chains.run(count);
    const events = count * (active + writes);
    return {
      turns,
      metrics: {
        cpuNsPerEvent: sum(cpuNs) / events,
        wallUsPerChain: middle(wallNs) / 1000,
        eventsPerTurn: events / turns,
        syscallsPerEvent: syscalls / events,
      },
    };
  },
});

const workload: Workload<ChainConditions> = {
  withScene(pool, { poller, conditions }, [series = 'pollcost'], use) {
    const scene = (chains: ChainMaker) => use(sceneOf(chains, conditions));
    return series === 'completion'
      ? withCompletions(pool, conditions, scene)
      : withChains(pool, poller, series, conditions, scene);
  },
  sceneOfItsOwn: () => true,
  secondCopyBatches: () => 1,
  leadIn: (_, chains) => Math.ceil(chains / 10),
  fixedRepetitions: () => null,
  warmUpKey: () => '',
  warmUp(pool, { poller, series }) {
    const visit: BatchVisit<ChainConditions> = { poller, conditions: WARM_UP, series };
    for (const name of series)
      this.withScene(pool, visit, [name], (scene) => scene.run(name, WARM_UP_CHAINS));
  },
};

const subject = new BatchSubject(workload, fdNumbers(fdLimit().soft));
serve<CascadeProtocol>({
  ...startHandlers,
  ...subject.handlers,
  chains: ({ poller, conditions, count }) => {
    const { cpuNs, wallNs } = withChains(subject.pool, poller, 'pollcost', conditions, (chains) =>
      chains.run(count, true),
    );
    return { cpuNs, wallNs };
  },
});
