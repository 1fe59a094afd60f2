import { startServer } from '../../harness/processes/control/parent.js';
import {
  type Reference,
  type ReferenceName,
  references,
} from '../../harness/processes/references/references.js';
import { APPS, type AppName } from '../../harness/processes/server/protocol.js';
import { type PollerName, pollerOf } from '../../pollers/manifest.js';
import { held, type Row, type SelfCost, skipped } from '../self/cost.js';
import { type Contender, costsByTurns, ratioOf } from '../self/sides.js';

/** One of our servers over others with the same reply. */

const FEW = 50;
const MANY = 500;

interface Peer {
  readonly series: ReferenceName;
  /** The largest CPU of one of our requests, over one of its. */
  readonly limit?: number;
}

interface Comparison {
  /** What all of them wait with. */
  readonly poller: PollerName;
  readonly connections: number;
  readonly peers: readonly Peer[];
}

const PYTHON: readonly Peer[] = [{ series: 'tornado', limit: 0.55 }, { series: 'twisted' }];
const TITLE = 'over others, CPU of one request, closed loop';

export const fixed: SelfCost = {
  title: `app fixed ${TITLE}`,
  async measure() {
    return [
      ...(await compare('fixed', {
        ...{ poller: pollerOf('epoll'), connections: FEW },
        peers: [{ series: 'node:net', limit: 0.75 }, ...PYTHON],
      })),
      ...(await compare('fixed', {
        ...{ poller: pollerOf('epoll'), connections: MANY },
        peers: [{ series: 'node:net', limit: 0.7 }],
      })),
      ...(await compare('fixed', { poller: pollerOf('poll'), connections: FEW, peers: PYTHON })),
      ...(await compare('fixed', {
        ...{ poller: pollerOf('select'), connections: FEW },
        peers: PYTHON,
      })),
    ];
  },
};

export const http: SelfCost = {
  title: `app http ${TITLE}`,
  measure: () =>
    compare('http', {
      poller: pollerOf('epoll'),
      connections: FEW,
      peers: [
        { series: 'node:http', limit: 0.65 },
        { series: 'tornado', limit: 0.12 },
        { series: 'twisted' },
      ],
    }),
};

/** All that are here are measured together; the others say why they are not. */
async function compare(app: AppName | 'http', { poller, connections, peers }: Comparison): Promise<Row[]> {
  const tried = peers.map((peer) => ({ ...peer, found: startable(peer.series, app) }));
  const here = tried.flatMap(({ series, found }) => (found.ok ? [{ series, start: found.start }] : []));
  const contenders: Contender[] = [
    { poller, start: () => startServer() },
    ...here.map(({ start }) => ({ poller, start })),
  ];
  const [ours = [], ...costs] =
    here.length > 0 ? await costsByTurns(contenders, app as AppName, connections) : [];
  return tried.map(({ series, limit, found }) => {
    const name = `${poller} over ${series}, ${connections} connections`;
    if (!found.ok) return skipped(name, found.reason, limit);
    const what = `${poller} over ${series} ${found.version}, ${connections} connections`;
    const { value, figure } = ratioOf(ours, costs[here.findIndex((peer) => peer.series === series)] ?? []);
    return limit === undefined ? { what, figure } : held(what, figure, value, limit, '');
  });
}

function startable(series: ReferenceName, app: AppName | 'http'): ReturnType<Reference['available']> {
  if (!(app in APPS)) return { ok: false, reason: `there is no app ${app} yet` };
  return references[series].available();
}
