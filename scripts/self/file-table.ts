import { differenceInterval } from '../../harness/statistics/bootstrap.js';
import { onePerWaitCall, pollerOf } from '../../pollers/manifest.js';
import type { SelfCost } from './cost.js';
import { idleTurn, measureTurns, SELF_SEED } from './turns.js';

const WATCHED = 900;

/** A file table that threads share, minus a private one, in one process by turns. */
export const sharedFileTable: SelfCost = {
  title: 'shared minus private file table, same process',
  async measure() {
    const points = [idleTurn(WATCHED), idleTurn(WATCHED, 'shared')];
    const measured = await measureTurns(points, 3, 6);
    return onePerWaitCall.map((poller) => {
      const tables = [{ fileTable: 'shared' }, { fileTable: 'private' }] as const;
      const [shared = [], own = []] = measured.roundsAt(poller, tables, 'pollcost');
      const { value, low, high } = differenceInterval(shared, own, { seed: SELF_SEED });
      const perFd = (ns: number) => (ns / (poller === pollerOf('epoll') ? 1 : WATCHED)).toFixed(1);
      return {
        what: `${poller}, ${WATCHED} watched`,
        figure: `${perFd(value)} [${perFd(low)}, ${perFd(high)}] ns a ${poller === pollerOf('epoll') ? 'call' : 'fd'}`,
      };
    });
  },
};
