import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelMemoryIsCharged } from '../collectors/cgroup.js';
import { FreePages, pageBytes } from '../collectors/free-pages.js';
import { readSlabs } from '../collectors/slabs.js';
import type { MemoryProtocol } from '../processes/control/messages.js';
import { type Child, startMemoryProbe } from '../processes/control/parent.js';
import { median } from '../statistics/median.js';
import type { ExperimentPlan, LaunchPlan, Session, SessionSample, Step, Visit } from './experiment.js';
import { CACHES, KNOWN_OBJECT_BYTES, type Layouts, ledgerOf, type ObjectBytes } from './kernel-layouts.js';
import type { MemoryConditions, MemorySetting } from './memory.js';

const DEADLINE_MS = 30_000;

/** Starts a subject with its connections, and reads what these took. @throws ChildFailure */
export async function openMemorySession(launch: LaunchPlan, plan: ExperimentPlan): Promise<Session> {
  const { poolSize, toggles } = launch.setting as MemorySetting;
  const layouts = layoutsOfThisMachine();
  const probe = startMemoryProbe();
  try {
    // The process itself is up before anything is counted.
    await probe.request('wake', {}, DEADLINE_MS);
    const before = await settled(layouts.cgroupPointer);
    await probe.request('open', { size: poolSize }, DEADLINE_MS);
    const connections = (slabBytes(SOCKET_KINDS, layouts.cgroupPointer) ?? 0) - (before?.sockets ?? 0);
    const perConnection = before === null || poolSize === 0 ? null : connections / poolSize;
    return new MemorySession(probe, plan, layouts, perConnection, toggles);
  } catch (error) {
    probe.kill();
    throw error;
  }
}

const EPOLL_KINDS = ['epitem', 'eppollEntry', 'epHead'] as const;
const SOCKET_KINDS = ['tcpSocket', 'socketInode', 'file', 'dentry', 'bindBucket'] as const;

/** Bytes in these caches, and of the pointers to the cgroup that pays, which lie elsewhere; null where it is not told. */
function slabBytes(kinds: readonly (keyof ObjectBytes)[], cgroupPointer: number): number | null {
  const slabs = readSlabs(kinds.map((kind) => CACHES[kind]));
  if (slabs === null) return null;
  let bytes = 0;
  for (const { objects, objectBytes } of slabs.values()) bytes += objects * (objectBytes + cgroupPointer);
  return bytes;
}

const SETTLE_STEP_MS = 15;
const SETTLE_STEPS = 60;

/** Waits until epoll's objects of an earlier poller are gone: they are freed only when every CPU has passed by (RCU). */
async function settled(cgroupPointer: number): Promise<{ epoll: number; sockets: number } | null> {
  let last = slabBytes(EPOLL_KINDS, cgroupPointer);
  if (last === null) return null;
  for (let step = 0; step < SETTLE_STEPS; step++) {
    await sleep(SETTLE_STEP_MS);
    const now = slabBytes(EPOLL_KINDS, cgroupPointer) ?? 0;
    if (now >= last) break;
    last = now;
  }
  return { epoll: last, sockets: slabBytes(SOCKET_KINDS, cgroupPointer) ?? 0 };
}

/** The sizes that the running kernel has its objects at, where it tells, and what it keeps beside them. */
function layoutsOfThisMachine(): Layouts {
  const kinds = Object.keys(CACHES) as (keyof ObjectBytes)[];
  const slabs = readSlabs(Object.values(CACHES));
  const sizeOf = (kind: keyof ObjectBytes) =>
    slabs?.get(CACHES[kind])?.objectBytes ?? KNOWN_OBJECT_BYTES[kind];
  return {
    objectBytes: Object.fromEntries(kinds.map((kind) => [kind, sizeOf(kind)])) as unknown as ObjectBytes,
    cgroupPointer: kernelMemoryIsCharged() ? 8 : 0,
    page: pageBytes(),
    epollEvent: process.arch === 'x64' ? 12 : 16,
  };
}

class MemorySession implements Session {
  readonly #probe: Child<MemoryProtocol>;
  readonly #plan: ExperimentPlan;
  readonly #layouts: Layouts;
  readonly #bytesPerConnection: number | null;
  readonly #toggles: number;
  readonly #freePages = new FreePages();

  constructor(
    probe: Child<MemoryProtocol>,
    plan: ExperimentPlan,
    layouts: Layouts,
    bytesPerConnection: number | null,
    toggles: number,
  ) {
    this.#probe = probe;
    this.#plan = plan;
    this.#layouts = layouts;
    this.#bytesPerConnection = bytesPerConnection;
    this.#toggles = toggles;
  }

  get pid(): number {
    return this.#probe.pid;
  }

  async round(steps: readonly Step[], deadlineMs: number) {
    const samples: SessionSample[] = [];
    for (const { visit } of steps) {
      const { poller, conditions } = this.#plan.visits[visit] as Visit;
      const asked = { poller, ...(conditions as MemoryConditions) };
      const sample =
        asked.source === 'computed'
          ? { turns: 1, metrics: await this.#compute(asked, deadlineMs) }
          : { turns: this.#toggles, metrics: await this.#read(asked, deadlineMs) };
      samples.push({ visit, series: 'pollcost', ...sample });
    }
    return { samples };
  }

  async end(): Promise<void> {
    this.#freePages.close();
    await this.#probe.end();
  }

  /** What the structures add up to. Only the poller's own copies are asked of the poller. */
  async #compute(asked: MemoryProtocol['watch']['ask'], deadlineMs: number) {
    const { call, userBytes } = await this.#probe.request('watch', asked, deadlineMs);
    await this.#probe.request('unwatch', {}, deadlineMs);
    const ledger = ledgerOf(call, asked.watched, asked.highestFd, this.#layouts);
    return { ...ledger, userCopyBytes: userBytes - ledger.userBytes };
  }

  /** What the kernel's books say: its slabs before and after, its free pages while the poller sleeps and while not. */
  async #read(asked: MemoryProtocol['watch']['ask'], deadlineMs: number) {
    const { cgroupPointer, page } = this.#layouts;
    const before = await settled(cgroupPointer);
    const { userBytes, sharedBytes } = await this.#probe.request('watch', asked, deadlineMs);
    const epoll = slabBytes(EPOLL_KINDS, cgroupPointer);
    if (before === null || epoll === null || this.#bytesPerConnection === null)
      throw new Error('/proc/slabinfo has become unreadable');
    const pages = [];
    for (let toggle = 0; toggle < this.#toggles; toggle++) {
      const without = await this.#pagesTaken(false, deadlineMs);
      pages.push((await this.#pagesTaken(true, deadlineMs)) - without);
    }
    await this.#probe.request('unwatch', {}, deadlineMs);
    return {
      userBytes: sharedBytes,
      userCopyBytes: userBytes - sharedBytes,
      kernelPersistentBytes: epoll - before.epoll,
      kernelBlockedBytes: median(pages) * page,
      socketBytes: this.#bytesPerConnection * asked.watched,
    };
  }

  /** How many free pages are gone once the subject sleeps, with or without its poller. */
  async #pagesTaken(inPoller: boolean, deadlineMs: number): Promise<number> {
    const before = this.#freePages.read();
    await this.#probe.request('sleep', { inPoller }, deadlineMs);
    await this.#asleep(deadlineMs);
    const taken = before - this.#freePages.read();
    await this.#probe.request('wake', {}, deadlineMs);
    return taken;
  }

  /** Registering thousands of wait queue entries takes a while. @throws Error when it does not come to sleep */
  async #asleep(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const stat = readFileSync(`/proc/${this.#probe.pid}/stat`, 'latin1');
      if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('S')) return;
      if (performance.now() > deadline) throw new Error('the memory probe does not go to sleep');
      await sleep(0);
    }
  }
}
