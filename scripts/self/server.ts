import { setTimeout as sleep } from 'node:timers/promises';
import type { ClosedLoopProtocol, ServerProtocol } from '../../harness/processes/control/messages.js';
import { type Child, startClosedLoop, startServer } from '../../harness/processes/control/parent.js';
import { chooseCpus } from '../../harness/run/machine.js';
import { ratioInterval } from '../../harness/statistics/bootstrap.js';
import { cpuNs, residentBytes, switches } from '../vitals.js';
import { held, type Row, type SelfCost } from './cost.js';
import { SELF_SEED } from './turns.js';

const DEADLINE_MS = 60_000;
const LAUNCHES = 3;
const ROUNDS = 5;
const RUN_MS = 400;
const IDLE_CONNECTIONS = 9000;
const CALLBACKS = 1_000_000;
const MANY = 10_000;

/** The largest CPU per request, over that of node:net, by the number of connections. */
const RATIO_LIMITS = [
  { connections: 50, limit: 0.95 },
  { connections: 500, limit: 0.85 },
] as const;

interface Side {
  readonly server: Child<ServerProtocol>;
  readonly load: Child<ClosedLoopProtocol>;
}

const cpus = chooseCpus();

async function startSide(which: 'server' | 'references/node-net', connections: number) {
  const server = startServer(which);
  const load = startClosedLoop();
  const start = {
    poller: 'epoll',
    app: 'fixed',
    host: '127.0.0.1',
    port: 0,
    cpu: cpus?.subject ?? null,
    fileTable: 'private',
  } as const;
  const { port } = await server.request('start', start, DEADLINE_MS);
  const before = residentBytes(server.pid);
  const { seconds } = await load.request(
    'connect',
    { port, connections, cpu: cpus?.load ?? null },
    DEADLINE_MS,
  );
  return { server, load, before, seconds };
}

async function endSide({ server, load }: Side): Promise<void> {
  await load.end();
  await server.end();
}

/** CPU ns of a server per request, over all its threads. */
async function cpuPerRequest({ server, load }: Side): Promise<number> {
  const before = cpuNs(server.pid);
  const { requests } = await load.request('run', { ms: RUN_MS }, DEADLINE_MS);
  return (cpuNs(server.pid) - before) / requests;
}

/** App `fixed` on our loop and node:net with the same bytes, both loaded by turns. */
export const server: SelfCost = {
  title: 'app fixed on epoll over node:net, CPU of one request, closed loop',
  async measure() {
    const rows: Row[] = [];
    for (const { connections, limit } of RATIO_LIMITS) {
      const ours: number[][] = [];
      const theirs: number[][] = [];
      for (let launch = 0; launch < LAUNCHES; launch++) {
        const [own, node] = [
          await startSide('server', connections),
          await startSide('references/node-net', connections),
        ];
        // Until V8 has compiled what it will compile.
        for (const side of [own, node, own, node]) await cpuPerRequest(side);
        const [ownRounds, nodeRounds]: [number[], number[]] = [[], []];
        for (let round = 0; round < ROUNDS; round++) {
          ownRounds.push(await cpuPerRequest(own));
          nodeRounds.push(await cpuPerRequest(node));
        }
        ours.push(ownRounds);
        theirs.push(nodeRounds);
        await endSide(own);
        await endSide(node);
      }
      const { value, low, high } = ratioInterval(ours, theirs, { seed: SELF_SEED });
      const own = [...ours.flat()].sort((a, b) => a - b)[ours.flat().length >> 1] ?? 0;
      const figure = `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}], ${(own / 1000).toFixed(1)} us`;
      rows.push(held(`${connections} connections`, figure, value, limit, ''));
    }
    return rows;
  },
};

/** A server with many idle connections: what they take, how fast they come, and that they cost no CPU. */
export const idleConnections: SelfCost = {
  title: 'idle connections of app fixed on epoll',
  async measure() {
    const { server: child, load, before, seconds } = await startSide('server', IDLE_CONNECTIONS);
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
      await endSide({ server: child, load });
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
