import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupCpuNs, groupResidentBytes } from '../collectors/process-group.js';
import {
  type Child,
  ChildFailure,
  startActive,
  startHerd,
  startKeeper,
} from '../processes/control/parent.js';
import type { KeeperProtocol } from '../processes/keeper/protocol.js';
import { type Figure, type Figures, metricId } from './figures.js';
import type { Side } from './gate-schema.js';
import { LaunchFailure } from './input-error.js';
import { Stopped, type Version } from './version.js';

const HOST = '127.0.0.1';
const START_DEADLINE_MS = 30_000;
const LOOK_MS = 20;
/** V8 compiles a server in its first thousands of requests, and autocannon itself. */
const WARM_UP_MS = 600;
const WINDOW_MS = 250;
const ROUNDS = 5;
/** In closed loop, beside the connections that are held. */
const ACTIVE = 8;
const PATIENCE_MS = 30_000;

/**
 * A version of a user's HTTP server, known by the command that starts it. A launch is one life of it: it holds
 * connections, which gives memory for each, and answers in closed loop, which gives CPU for each request, that of all its
 * processes and threads.
 */
export class CommandVersion implements Version {
  readonly side: Side;
  readonly #command: string;
  readonly #folder: string;
  readonly #connections: number;

  constructor(side: Side, command: string, folder: string, connections: number) {
    this.side = side;
    this.#command = command;
    this.#folder = folder;
    this.#connections = connections;
  }

  count(): Promise<Figures> {
    return Promise.resolve(new Map());
  }

  async launch(_seed: number, stop: AbortSignal): Promise<Figures> {
    const keeper = startKeeper();
    const [herd, active] = [startHerd(), startActive()];
    // A keeper that is killed leaves its server behind; one that is hung up on takes it along.
    const giveUp = () => {
      void keeper.end();
      herd.kill();
      active.kill();
    };
    stop.addEventListener('abort', giveUp, { once: true });
    if (stop.aborted) giveUp();
    try {
      return await this.#measure(keeper, herd, active);
    } catch (error) {
      if (stop.aborted) throw new Stopped();
      if (error instanceof ChildFailure) throw new LaunchFailure(`${this.side.label}: ${error.message}`);
      throw error;
    } finally {
      stop.removeEventListener('abort', giveUp);
      await Promise.all([keeper.end(), herd.end(), active.end()]);
    }
  }

  async #measure(
    keeper: Child<KeeperProtocol>,
    herd: ReturnType<typeof startHerd>,
    active: ReturnType<typeof startActive>,
  ): Promise<Figures> {
    const port = await freePort();
    const command = this.#command.replaceAll('{port}', String(port));
    const { pid } = await keeper.request('start', { command, folder: this.#folder }, START_DEADLINE_MS);
    await untilItListens(port, keeper);
    const load = async (ms: number) => {
      const ask = { host: HOST, port, connections: ACTIVE, ms, cpu: null };
      const { requests, errors } = await active.request('run', ask, ms + PATIENCE_MS);
      if (errors > 0 || requests === 0) {
        throw new LaunchFailure(
          `${this.side.label}: '${command}' answered ${errors} of ${requests + errors} requests not at all or with an error`,
        );
      }
      return requests;
    };
    await load(WARM_UP_MS);
    const before = groupResidentBytes(pid);
    const ask = { host: HOST, port, connections: this.#connections, app: 'http' as const, cpu: null };
    await herd.request('connect', ask, START_DEADLINE_MS + this.#connections * 2);
    const bytes = (groupResidentBytes(pid) - before) / this.#connections;
    const cpuUs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const cpuBefore = groupCpuNs(pid);
      const requests = await load(WINDOW_MS);
      cpuUs.push((groupCpuNs(pid) - cpuBefore) / 1000 / requests);
    }
    return this.#figures(cpuUs, bytes);
  }

  #figures(cpuUs: readonly number[], bytes: number): Figures {
    const factors = { held: String(this.#connections), active: String(ACTIVE) };
    const figure = (metric: string, unit: Figure['unit'], values: readonly number[]): [string, Figure] => {
      const id = metricId('command', 'server', metric, factors);
      const readings = values.map((value) => ({ value, passNs: null }));
      return [
        id,
        { id, kind: 'absolute', experiment: 'command', poller: 'server', metric, factors, unit, readings },
      ];
    };
    return new Map([
      figure('cpuUsPerRequest', 'us', cpuUs),
      ...(bytes > 0 ? [figure('bytesPerConnection', 'bytes', [bytes])] : []),
    ]);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, HOST, resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @throws ChildFailure when it ends instead; LaunchFailure when it does not listen in time */
async function untilItListens(port: number, keeper: Child<KeeperProtocol>): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_DEADLINE_MS; waitedMs += LOOK_MS) {
    if (keeper.ending !== null) throw new ChildFailure(keeper.ending);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, HOST, () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(LOOK_MS);
  }
  throw new LaunchFailure(
    `nothing listens on the port that the command was given after ${START_DEADLINE_MS / 1000} s; does it use {port}?`,
  );
}
