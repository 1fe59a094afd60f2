import { setTimeout as sleep } from 'node:timers/promises';
import { startClosedLoop, startServer } from '../../harness/processes/control/parent.js';
import { harnessPoller } from '../../pollers/manifest.js';
import { cpuNs, residentBytes, switches } from '../vitals.js';
import { held, type Row, type SelfCost } from './cost.js';
import { costsByTurns, endSide, ratioOf, startSide } from './sides.js';

const DEADLINE_MS = 60_000;
const IDLE_CONNECTIONS = 9000;
const CALLBACKS = 1_000_000;
const MANY = 10_000;

/** The largest CPU per request, over that of node:net, by the number of connections. */
const RATIO_LIMITS = [
  { connections: 50, limit: 0.95 },
  { connections: 500, limit: 0.85 },
] as const;

const ours = { poller: harnessPoller, start: () => startServer() } as const;
const node = { poller: harnessPoller, start: () => startServer('references/node-net') } as const;

/** App `fixed` on our loop and node:net with the same bytes, both loaded by turns. */
export const server: SelfCost = {
  title: 'app fixed on epoll over node:net, CPU of one request, closed loop',
  async measure() {
    const rows: Row[] = [];
    for (const { connections, limit } of RATIO_LIMITS) {
      const [own = [], theirs = []] = await costsByTurns([ours, node], 'fixed', connections);
      const { value, figure } = ratioOf(own, theirs);
      rows.push(held(`${connections} connections`, figure, value, limit, ''));
    }
    return rows;
  },
};

/** A server with many idle connections: what they take, how fast they come, and that they cost no CPU. */
export const idleConnections: SelfCost = {
  title: 'idle connections of app fixed on epoll',
  async measure() {
    const side = await startSide(ours, 'fixed', IDLE_CONNECTIONS);
    const { server: child, before, seconds } = side;
    try {
      for (let waited = 0; waited < 5000; waited += 10) {
        if ((await child.request('snapshot', {}, DEADLINE_MS)).accepted >= IDLE_CONNECTIONS) break;
        await sleep(10);
      }
      const bytes = (residentBytes(child.pid) - before) / IDLE_CONNECTIONS;
      await sleep(500);
      const from = switches(child.pid);
      await sleep(1000);
      const wakeUps = switches(child.pid) - from;
      const rate = IDLE_CONNECTIONS / seconds;
      return [
        held('user memory of one', `${bytes.toFixed(0)} bytes`, bytes, 2048, ' bytes'),
        {
          what: 'opened and accepted',
          figure: `${rate.toFixed(0)} a second`,
          limit: 'at least 10000 a second',
          ok: rate >= 10_000,
        },
        held('wake-ups in a second', String(wakeUps), wakeUps, 0, ''),
      ];
    } finally {
      await endSide(side);
    }
  },
};

export const loop: SelfCost = {
  title: 'the loop',
  async measure() {
    const load = startClosedLoop();
    try {
      await load.request('callbacks', { count: CALLBACKS }, DEADLINE_MS);
      const { ns } = await load.request('callbacks', { count: CALLBACKS }, DEADLINE_MS);
      const rate = (CALLBACKS / ns) * 1e9;
      const figure = `${(rate / 1e6).toFixed(1)} million a second`;
      await load.request('idle', { timers: MANY, fds: MANY }, DEADLINE_MS);
      await sleep(500);
      const [cpu, wakeUps] = [cpuNs(load.pid), switches(load.pid)];
      await sleep(1000);
      const idleUs = (cpuNs(load.pid) - cpu) / 1000;
      return [
        held(
          `CPU of an idle second, ${MANY} timers and ${MANY} fds`,
          `${idleUs.toFixed(0)} us`,
          idleUs,
          1000,
          ' us',
        ),
        held('wake-ups in it', String(switches(load.pid) - wakeUps), switches(load.pid) - wakeUps, 0, ''),
        { what: 'callbacks, each a turn', figure, limit: 'at least 1 million', ok: rate >= 1e6 },
      ];
    } finally {
      await load.end();
    }
  },
};
