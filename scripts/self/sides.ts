import type { ClosedLoopProtocol } from '../../harness/processes/closed-loop/protocol.js';
import { type Child, startClosedLoop } from '../../harness/processes/control/parent.js';
import type { AppName, ServerProtocol } from '../../harness/processes/server/protocol.js';
import { chooseCpus } from '../../harness/run/plan-context.js';
import { ratioInterval } from '../../harness/statistics/bootstrap.js';
import type { Rounds } from '../../harness/statistics/rounds.js';
import type { PollerName } from '../../pollers/manifest.js';
import { cpuNs, residentBytes } from '../vitals.js';
import { SELF_SEED } from './turns.js';

/** Servers that are compared: each with a load of its own, measured by turns. */

const DEADLINE_MS = 60_000;
const LAUNCHES = 3;
const WARM_UPS = 2;
const ROUNDS = 5;
const RUN_MS = 400;

export interface Contender {
  readonly poller: PollerName;
  start(): Child<ServerProtocol>;
}

export interface Side {
  readonly server: Child<ServerProtocol>;
  readonly load: Child<ClosedLoopProtocol>;
  /** Bytes of the server before its connections came, and how long those took. */
  readonly before: number;
  readonly seconds: number;
}

const cpus = chooseCpus();

export async function startSide(
  { poller, start }: Contender,
  app: AppName,
  connections: number,
): Promise<Side> {
  const server = start();
  const load = startClosedLoop();
  const cpu = cpus?.subject ?? null;
  const ask = { poller, app, host: '127.0.0.1', port: 0, cpu, fileTable: 'private' } as const;
  const { port } = await server.request('start', ask, DEADLINE_MS);
  const before = residentBytes(server.pid);
  const connect = { port, connections, cpu: cpus?.load ?? null };
  const { seconds } = await load.request('connect', connect, DEADLINE_MS);
  return { server, load, before, seconds };
}

export async function endSide({ server, load }: Side): Promise<void> {
  await load.end();
  await server.end();
}

/** CPU ns of one request of each contender, over all threads of its process; the next one has its turn first each round. */
export async function costsByTurns(
  contenders: readonly Contender[],
  app: AppName,
  connections: number,
): Promise<Rounds[]> {
  const costs = contenders.map((): number[][] => []);
  for (let launch = 0; launch < LAUNCHES; launch++) {
    const sides: Side[] = [];
    for (const contender of contenders) sides.push(await startSide(contender, app, connections));
    for (const launches of costs) launches.push([]);
    // Until V8 has compiled what it will compile.
    for (let made = 0; made < WARM_UPS; made++) for (const side of sides) await cpuPerRequest(side);
    for (let turn = 0; turn < ROUNDS * sides.length; turn++) {
      const round = Math.floor(turn / sides.length);
      const which = (turn + round) % sides.length;
      costs[which]?.[launch]?.push(await cpuPerRequest(sides[which] as Side));
    }
    for (const side of sides) await endSide(side);
  }
  return costs;
}

async function cpuPerRequest({ server, load }: Side): Promise<number> {
  const before = cpuNs(server.pid);
  const { requests } = await load.request('run', { ms: RUN_MS }, DEADLINE_MS);
  return (cpuNs(server.pid) - before) / requests;
}

/** The median ratio and both medians, as they are printed. */
export function ratioOf(ours: Rounds, theirs: Rounds): { readonly value: number; readonly figure: string } {
  const { value, low, high } = ratioInterval(ours, theirs, { seed: SELF_SEED });
  const interval = `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return { value, figure: `${interval}, ${medianUs(ours)} over ${medianUs(theirs)} us` };
}

const medianUs = (rounds: Rounds): string => {
  const sorted = rounds.flat().sort((a, b) => a - b);
  return ((sorted[sorted.length >> 1] ?? 0) / 1000).toFixed(1);
};
