import { setTimeout as sleep } from 'node:timers/promises';
import type { PollerName } from '../../pollers/manifest.js';
import type { Subject } from '../collectors/collector.js';
import { runQueueWaitNs, threadCpuNs } from '../collectors/cpu-time.js';
import { epollSlabBytes, socketSlabBytes } from '../collectors/kernel-caches.js';
import { type LoopWork, workBetween } from '../collectors/loop-counters.js';
import { type Readings, readingsSince, readTotals, type Totals } from '../collectors/readings.js';
import { residentBytes } from '../collectors/resident.js';
import { backlogLimit } from '../collectors/room.js';
import { involuntarySwitches, voluntarySwitches } from '../collectors/switches.js';
import { Timeline, type TimelinePoint } from '../collectors/timeline.js';
import type { FileTable } from '../processes/control/messages.js';
import { type Child, ChildFailure, startHerd } from '../processes/control/parent.js';
import type { HerdProtocol } from '../processes/herd/protocol.js';
import type { AppName, ServerProtocol, ServerSnapshot, Way } from '../processes/server/protocol.js';
import type { PlanContext } from './experiment.js';
import { rankFirst } from './rank.js';

/** What a server is started with. */
export interface ServerSetting {
  readonly app: AppName;
  readonly fileTable: FileTable;
  /** What it waits with at first. */
  readonly poller: PollerName;
  /** Connections that a herd holds to it, at first where windows hold fewer. */
  readonly connections: number;
  readonly cpus: PlanContext['cpus'];
  /** Whether it is our own, which counts its turns and changes its poller. */
  readonly isOurs: boolean;
}

/** Memory that each connection took while it was made; absent where it cannot be read, or of too few to tell. */
export interface ConnectionBytes {
  readonly userBytesPerConnection?: number;
  readonly kernelBytesPerConnection?: number;
}

/** What a server spent on one window of load. */
export interface Spent {
  readonly cpuNs: number;
  readonly runQueueWaitNs: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  readonly seconds: number;
  /** Of our own servers. */
  readonly work: LoopWork | null;
}

const HOST = '127.0.0.1';
const START_DEADLINE_MS = 30_000;
/** A connection in a millisecond would be slow; and whoever waits for the last one waits this long at least. */
const CONNECT_MS = 2;
/** Our servers let so many wait until they accept them, and the system perhaps fewer. */
const MOST_WAITING = 4096;
const LOOK_MS = 5;
/** What leaves /proc has all but ended. */
const EXIT_MS = 1000;
/** V8 grows its heap in steps, and slabs come in pages: fewer connections than this do not show what one takes. */
const LEAST_FOR_BYTES = 2000;

/** A server and the herd that holds connections to it, both alive until `end`. */
export class LiveServer<Setting extends ServerSetting = ServerSetting> {
  readonly setting: Setting;
  readonly #server: Child<ServerProtocol>;
  #herd: Child<HerdProtocol> | null = null;
  #timeline: Timeline | null = null;
  #totals: Totals | null = null;
  #port = 0;
  /** Connections that the herd holds now. */
  #held = 0;
  /** Null: which of several it was when they had taken turns is not known. */
  #poller: PollerName | null;

  constructor(setting: Setting, start: () => Child<ServerProtocol>) {
    this.setting = setting;
    this.#poller = setting.poller;
    this.#server = start();
    if (setting.connections > 0) this.#herd = startHerd();
  }

  get pid(): number {
    return this.#server.pid;
  }

  get port(): number {
    return this.#port;
  }

  /** Whether it holds enough connections to tell what one takes of memory. */
  get tellsBytes(): boolean {
    return this.setting.connections >= LEAST_FOR_BYTES;
  }

  /** CPU time so far of the thread that serves, as far as it is known; null when it has ended. */
  get cpuNs(): number | null {
    return threadCpuNs.read({ pid: this.pid, cpu: null });
  }

  get herdPid(): number | null {
    return this.#herd?.pid ?? null;
  }

  /** @throws ChildFailure */
  async listen(): Promise<void> {
    const { app, fileTable, poller, cpus } = this.setting;
    const ask = { poller, app, host: HOST, port: 0, cpu: cpus?.subject ?? null, fileTable };
    this.#port = (await this.#server.request('start', ask, START_DEADLINE_MS)).port;
    rankFirst(this.pid);
    this.#timeline = new Timeline(this.pid);
  }

  /** Lets the herd connect, and reads what that took. Nothing else may start or connect meanwhile. @throws ChildFailure */
  async connect(): Promise<ConnectionBytes> {
    const { connections } = this.setting;
    if (!this.#herd) return {};
    const before = this.#memory();
    // A herd is faster than a server. What its backlog has no room for would try again after a second.
    const atATime = Math.max(1, Math.floor(Math.min(MOST_WAITING, backlogLimit() ?? MOST_WAITING) / 2));
    while (this.#held < connections) {
      await this.#requireAccepted(this.#held - atATime);
      const more = Math.min(atATime, connections - this.#held);
      this.#held += more;
      await this.#hold(more, connections);
    }
    await this.#requireAccepted(connections);
    const after = this.#memory();
    if (!this.tellsBytes) return {};
    const each = (from: number | null, to: number | null) =>
      from === null || to === null ? undefined : (to - from) / connections;
    const user = each(before.user, after.user);
    const kernel = each(before.kernel, after.kernel);
    return {
      ...(user === undefined ? {} : { userBytesPerConnection: user }),
      ...(kernel === undefined ? {} : { kernelBytesPerConnection: kernel }),
    };
  }

  /** Makes sure that the herd lives and that no connection was lost. @throws ChildFailure */
  async requireHeld(): Promise<void> {
    if (this.#herd) await this.#hold(0);
  }

  /** Lets the herd hold so many connections: it closes the last ones, or makes more. @throws ChildFailure */
  async hold(connections: number): Promise<void> {
    if (!this.#herd || connections === this.#held) return;
    if (connections < this.#held) await this.#herd.request('keep', { connections }, START_DEADLINE_MS);
    const more = Math.max(0, connections - this.#held);
    this.#held = connections;
    await this.#hold(more);
  }

  /** Moves all connections to another poller. @throws ChildFailure where they do not fit */
  async use(poller: PollerName): Promise<void> {
    if (poller === this.#poller) return;
    await this.#server.request('use', { poller }, START_DEADLINE_MS);
    this.#poller = poller;
  }

  /** What these pollers spend on each way there and back while they take turns of so long during `load`. @throws ChildFailure */
  async spendInTurns<T>(
    pollers: readonly PollerName[],
    turnMs: number,
    load: () => Promise<T>,
  ): Promise<{ ways: readonly Way[]; report: T }> {
    this.#poller = null;
    await this.#server.request('takeTurns', { pollers, ms: turnMs }, START_DEADLINE_MS);
    const report = await load();
    return { ...(await this.#server.request('endTurns', {}, START_DEADLINE_MS)), report };
  }

  /** Lets the first so many connections of the herd beat. @throws ChildFailure */
  beat(
    ask: Omit<HerdProtocol['beat']['ask'], 'subject'>,
    deadlineMs: number,
  ): Promise<HerdProtocol['beat']['answer']> {
    if (!this.#herd) throw new ChildFailure('herd: there is none, because it would hold no connection');
    return this.#herd.request('beat', { ...ask, subject: this.pid }, deadlineMs);
  }

  /**
   * What the server spends while `load` runs. It sleeps before and after, so that schedstat is exact; of one that does not
   * (`blocks`: false, as `workBetween`) its own counters say it. @throws ChildFailure
   */
  async spend<T>(blocks: boolean, load: () => Promise<T>): Promise<{ spent: Spent; report: T }> {
    return this.#whileAlive(async () => {
      const snapshot = await this.#snapshot();
      const before = this.#now();
      const report = await load();
      const after = this.#now();
      const later = await this.#snapshot();
      const spent = { ...between(before, after), work: null };
      if (!snapshot || !later) return { report, spent };
      const work = workBetween(snapshot, later, blocks);
      return { report, spent: { ...spent, ...(blocks ? {} : asCounted(snapshot, later)), work } };
    });
  }

  /**
   * What it spends while nobody wants anything. Of one that sleeps not even the counters are asked for; one that does not
   * (`blocks`: false) is asked, because from outside what a running thread has used is behind by up to a tick, and on a
   * busy machine by much more. @throws ChildFailure
   */
  async rest(blocks: boolean, ms: number): Promise<Spent> {
    return this.#whileAlive(async () => {
      const [asked, before] = [blocks ? null : await this.#snapshot(), this.#now()];
      await sleep(ms);
      const [after, later] = [this.#now(), blocks ? null : await this.#snapshot()];
      const spent = { ...between(before, after), work: null };
      if (!asked || !later) return spent;
      return { ...spent, ...asCounted(asked, later) };
    });
  }

  /** Where a round's readings begin. */
  beginRound(loadPids: readonly number[]): void {
    this.#totals = readTotals(this.#watched(loadPids));
  }

  endRound(loadPids: readonly number[]): { values: Readings; timeline: TimelinePoint[] } | null {
    if (!this.#totals || !this.#timeline) return null;
    return {
      values: readingsSince(this.#totals, this.#watched(loadPids)),
      timeline: this.#timeline.take(),
    };
  }

  async end(): Promise<void> {
    this.#timeline?.end();
    await Promise.all([this.#server.end(), this.#herd?.end()]);
  }

  kill(): void {
    this.#timeline?.end();
    this.#server.kill();
    this.#herd?.kill();
  }

  #watched(loadPids: readonly number[]): Subject {
    return { pid: this.pid, cpu: this.setting.cpus?.subject ?? null, loadPids };
  }

  /** Asks the herd for so many more connections. */
  /** `most`: how many there are to be in the end. */
  async #hold(more: number, most = this.#held): Promise<void> {
    if (!this.#herd) return;
    const { app, cpus } = this.setting;
    const ask = { host: HOST, port: this.#port, connections: more, most, app, cpu: cpus?.load ?? null };
    const { connected } = await this.#herd.request('connect', ask, START_DEADLINE_MS + more * CONNECT_MS);
    if (connected !== this.#held)
      throw new ChildFailure(`herd: holds ${connected} connections instead of ${this.#held}`);
  }

  async #snapshot(): Promise<ServerSnapshot | null> {
    return this.setting.isOurs ? this.#server.request('snapshot', {}, START_DEADLINE_MS) : null;
  }

  /** Exact while the thread that serves sleeps, and behind by up to a tick while it runs. @throws Unseen */
  #now(): Moment {
    const subject = { pid: this.pid, cpu: null };
    const schedule = {
      cpuNs: threadCpuNs.read(subject),
      runQueueWaitNs: runQueueWaitNs.read(subject),
      voluntarySwitches: voluntarySwitches.read(subject),
      involuntarySwitches: involuntarySwitches.read(subject),
    };
    if (Object.values(schedule).includes(null)) throw new Unseen();
    return { ...(schedule as Schedule), atMs: performance.now() };
  }

  /** Lets the server itself say why it is no longer to be seen. @throws ChildFailure */
  async #whileAlive<T>(measure: () => Promise<T>): Promise<T> {
    try {
      return await measure();
    } catch (error) {
      if (!(error instanceof Unseen)) throw error;
      await Promise.race([this.#server.exited, sleep(EXIT_MS, undefined, { ref: false })]);
      await this.#server.request('snapshot', {}, START_DEADLINE_MS);
      throw new ChildFailure('server: /proc does not show what it used');
    }
  }

  #memory() {
    const subject = { pid: this.pid, cpu: null };
    const [epoll, sockets] = [epollSlabBytes.read(subject), socketSlabBytes.read(subject)];
    return {
      user: residentBytes.read(subject),
      kernel: epoll === null || sockets === null ? null : epoll + sockets,
    };
  }

  /** The last ones are connected before the server has looked at them. */
  async #requireAccepted(connections: number): Promise<void> {
    if (connections <= 0) return;
    for (let waitedMs = 0; waitedMs < START_DEADLINE_MS; waitedMs += LOOK_MS) {
      const snapshot = await this.#snapshot();
      if (!snapshot) return;
      if (snapshot.shed > 0) throw new ChildFailure(`server: had no room for ${snapshot.shed} connections`);
      if (snapshot.accepted >= connections) return;
      await sleep(LOOK_MS);
    }
    const backlog = backlogLimit();
    const short = backlog !== null && backlog < connections;
    throw new ChildFailure(
      `server: has not accepted all of ${connections} connections` +
        (short ? `: only ${backlog} may wait at a time until it does (net.core.somaxconn)` : ''),
    );
  }
}

/** /proc has nothing about the server. */
class Unseen extends Error {
  override readonly name = 'Unseen';
}

type Schedule = Omit<Spent, 'seconds' | 'work'>;
type Moment = Schedule & { readonly atMs: number };

/** By the counters of a thread that runs all the time, read together: its share of the CPU cannot pass 1. */
const asCounted = (before: ServerSnapshot, after: ServerSnapshot) => ({
  cpuNs: after.cpuNs - before.cpuNs,
  runQueueWaitNs: after.runQueueWaitNs - before.runQueueWaitNs,
  seconds: (after.atNs - before.atNs) / 1e9,
});

const between = (before: Moment, after: Moment) => ({
  cpuNs: after.cpuNs - before.cpuNs,
  runQueueWaitNs: after.runQueueWaitNs - before.runQueueWaitNs,
  voluntarySwitches: after.voluntarySwitches - before.voluntarySwitches,
  involuntarySwitches: after.involuntarySwitches - before.involuntarySwitches,
  seconds: (after.atMs - before.atMs) / 1000,
});
