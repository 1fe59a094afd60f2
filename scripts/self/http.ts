import { startServer } from '../../harness/processes/control/parent.js';
import { harnessPoller } from '../../pollers/manifest.js';
import { held, type Row, type SelfCost } from './cost.js';
import { costsByTurns, ratioOf } from './sides.js';

/** The largest CPU per request, over that of node:http. */
const LIMIT = 0.65;

const ours = { poller: harnessPoller, start: () => startServer() } as const;
const node = { poller: harnessPoller, start: () => startServer('references/node-http') } as const;

/** App `http` on our loop and node:http with the same reply, both loaded by turns. */
export const http: SelfCost = {
  title: 'app http on epoll over node:http, CPU of one request, closed loop',
  async measure() {
    const rows: Row[] = [];
    for (const connections of [50, 500]) {
      const [own = [], theirs = []] = await costsByTurns([ours, node], 'http', connections);
      const { value, figure } = ratioOf(own, theirs);
      rows.push(held(`${connections} connections`, figure, value, LIMIT, ''));
    }
    return rows;
  },
};
