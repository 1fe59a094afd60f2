import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { ErrorReport } from '../../ioloop/errors.js';
import type { TurnSeries } from '../batch/protocol.js';
import { belongToParent, serve } from '../control/child.js';
import { counted, loadClosures, type MeasurePairs, PairsSubject } from '../control/pairs-subject.js';
import type { Pool } from '../turn-probe/pool.js';
import type { Chains, ChainsModule } from './chains.js';
import type { CascadeProtocol, ChainConditions } from './protocol.js';

/** Cascades on our loop: every poller by turns on the same pairs, of which only the measured one knows. */

belongToParent();

const closures = await loadClosures(loadedPollers, async (name) => ({
  ...((await import(`../../ioloop/ioloop.js?for=${name}`)) as typeof import('../../ioloop/ioloop.js')),
  ...((await import(`./chains.js?for=${name}`)) as ChainsModule),
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
  const module = closures(poller, series);
  const loop = new module.IOLoop({ poller: createPoller(poller), onError });
  try {
    return use(new module.Chains(loop, pool, conditions));
  } finally {
    loop.close();
  }
}

const measure: MeasurePairs<ChainConditions> = (pool, { poller, conditions }, series, { leadIn, count }) =>
  withChains(pool, poller, series, conditions, (chains) => {
    if (leadIn > 0) chains.run(leadIn);
    const { cpuNs, wallNs, turns } = counted(() => chains.run(count));
    const events = count * (conditions.active + conditions.writes);
    return {
      cpuNs: sum(cpuNs),
      turns,
      metrics: {
        cpuNsPerEvent: sum(cpuNs) / events,
        wallUsPerChain: middle(wallNs) / 1000,
        eventsPerTurn: events / turns,
      },
    };
  });

const subject = new PairsSubject(measure, {
  conditions: { pairs: 1, active: 1, writes: 100 },
  repetitions: 60,
});
serve<CascadeProtocol>({
  ...subject.handlers,
  chains: ({ poller, conditions, count }) => {
    const { cpuNs, wallNs } = withChains(subject.pool, poller, 'pollcost', conditions, (chains) =>
      chains.run(count, true),
    );
    return { cpuNs, wallNs };
  },
});
