import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { structBytes } from '../collectors/btf.js';
import { kernelMemoryIsCharged } from '../collectors/cgroup.js';
import { FreePages, pageBytes } from '../collectors/free-pages.js';
import { readSlabs } from '../collectors/slabs.js';
import { type Child, ChildFailure, startMemoryProbe } from '../processes/control/parent.js';
import type { MemoryProtocol } from '../processes/memory-probe/protocol.js';
import { median } from '../statistics/median.js';
import type { ExperimentPlan, LaunchPlan, Session, SessionSample, Step, Visit } from './experiment.js';
import {
  besideBytesOf,
  CACHES,
  type Layouts,
  ledgerOf,
  type ObjectBytes,
  objectBytesOf,
  STRUCTS,
} from './kernel-layouts.js';

export type Source = 'computed' | 'read';

/** What a session has to know of a visit. */
export interface MemoryConditions {
  readonly watched: number;
  readonly highestFd: number;
  readonly source: Source;
}

export interface MemorySetting {
  readonly poolSize: number;
  /** How often a subject goes to sleep in its poller and wakes, for one sample. */
  readonly toggles: number;
}

const DEADLINE_MS = 30_000;

/** Starts a subject with its connections, and reads what these took. @throws ChildFailure */
export async function openMemorySession(
  launch: LaunchPlan<MemorySetting>,
  plan: ExperimentPlan<MemoryConditions, MemorySetting>,
): Promise<Session> {
  const { poolSize, toggles } = launch.setting;
  const layouts = layoutsOfThisMachine();
  const probe = startMemoryProbe();
  try {
    // The process itself is up before anything is counted.
    await probe.request('wake', {}, DEADLINE_MS);
    const before = await settled(() => slabBytes(SOCKET_KINDS, layouts.cgroupPointer));
    await probe.request('open', { size: poolSize }, DEADLINE_MS);
    const after = slabBytes(SOCKET_KINDS, layouts.cgroupPointer);
    // Means nothing where slabinfo is closed, and no visit that reads is made there.
    const perConnection = ((after ?? 0) - (before ?? 0)) / poolSize;
    return new MemorySession(probe, plan, layouts, perConnection, toggles);
  } catch (error) {
    probe.kill();
    throw error;
  }
}

const WATCHING_KINDS = ['epitem', 'eppollEntry', 'epHead', 'pollRequest'] as const;
const SOCKET_KINDS = ['tcpSocket', 'socketInode', 'file', 'dentry', 'bindBucket'] as const;

/** Bytes in these caches, and of the pointers to the cgroup that pays, which lie elsewhere; null where it is not told. */
function slabBytes(kinds: readonly (keyof ObjectBytes)[], cgroupPointer: number): number | null {
  const slabs = readSlabs(kinds.map((kind) => CACHES[kind]));
  if (slabs === null) return null;
  let bytes = 0;
  for (const { objects, objectBytes } of slabs.values()) bytes += objects * (objectBytes + cgroupPointer);
  return bytes;
}

const SETTLE_STEP_MS = 5;
const SETTLE_STEPS = 200;
const SETTLED_STEPS = 4;

/** What is read once it falls no more: sockets of an earlier subject are still being freed after its end. */
async function settled(read: () => number | null): Promise<number | null> {
  let last = read();
  for (let step = 0, steady = 0; step < SETTLE_STEPS && steady < SETTLED_STEPS && last !== null; step++) {
    await sleep(SETTLE_STEP_MS);
    const now = read();
    steady = now !== null && now >= last ? steady + 1 : 0;
    last = now;
  }
  return last;
}

/** The sizes that the running kernel has its objects at, where it tells, and what it keeps beside them; not what its books say. */
function layoutsOfThisMachine(): Layouts {
  const structs = structBytes(STRUCTS);
  return {
    objectBytes: objectBytesOf(structs),
    cgroupPointer: kernelMemoryIsCharged() ? besideBytesOf(structs) : 0,
    page: pageBytes(),
    epollEvent: process.arch === 'x64' ? 12 : 16,
  };
}

/** Visits are planned only of pollers that say what they wait with. */
function known<T>(native: T | null, poller: string): T {
  if (native === null) throw new ChildFailure(`memory: ${poller} does not say what it waits with`);
  return native;
}

/** How often the same fds are watched anew for one sample: a process that starts somewhere spoils one difference. */
const WATCHES = 3;
/** Some objects stay in slabs that the kernel keeps at hand. */
const GIVEN_BACK = 0.1;

class MemorySession implements Session {
  readonly #probe: Child<MemoryProtocol>;
  readonly #plan: ExperimentPlan<MemoryConditions, MemorySetting>;
  readonly #layouts: Layouts;
  readonly #bytesPerConnection: number;
  readonly #toggles: number;
  readonly #freePages = new FreePages();
  #before = 0;
  #taken = 0;

  constructor(
    probe: Child<MemoryProtocol>,
    plan: ExperimentPlan<MemoryConditions, MemorySetting>,
    layouts: Layouts,
    bytesPerConnection: number,
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
      const { poller, conditions } = this.#plan.visits[visit] as Visit<MemoryConditions>;
      const asked = { poller, ...conditions };
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
    const { native, userBytes } = await this.#probe.request('watch', asked, deadlineMs);
    await this.#probe.request('unwatch', {}, deadlineMs);
    const ledger = ledgerOf(known(native, asked.poller).call, asked.watched, asked.highestFd, this.#layouts);
    return { ...ledger, userCopyBytes: userBytes - ledger.userBytes };
  }

  /** What the kernel's books say: its slabs before and after, its free pages while the poller sleeps and while not. */
  async #read(asked: MemoryProtocol['watch']['ask'], deadlineMs: number) {
    const persistent: number[] = [];
    for (let time = 1; time < WATCHES; time++) {
      persistent.push((await this.#watch(asked, deadlineMs)).taken);
      await this.#unwatch(deadlineMs);
    }
    const { native, userBytes, taken } = await this.#watch(asked, deadlineMs);
    const { sharedBytes } = known(native, asked.poller);
    persistent.push(taken);
    const pages: number[] = [];
    for (let toggle = 0; toggle < this.#toggles; toggle++) {
      const without = await this.#pagesTaken(false, deadlineMs);
      pages.push((await this.#pagesTaken(true, deadlineMs)) - without);
    }
    await this.#unwatch(deadlineMs);
    return {
      userBytes: sharedBytes,
      userCopyBytes: userBytes - sharedBytes,
      kernelPersistentBytes: median(persistent),
      kernelBlockedBytes: median(pages) * this.#layouts.page,
      socketBytes: this.#bytesPerConnection * asked.watched,
    };
  }

  /** Lets the subject watch; `taken`: what its objects take. */
  async #watch(asked: MemoryProtocol['watch']['ask'], deadlineMs: number) {
    this.#before = this.#watchingBytes();
    const watching = await this.#probe.request('watch', asked, deadlineMs);
    this.#taken = this.#watchingBytes() - this.#before;
    return { ...watching, taken: this.#taken };
  }

  /** Waits until what it took is given back: objects are freed only when every CPU has passed by (RCU). */
  async #unwatch(deadlineMs: number): Promise<void> {
    await this.#probe.request('unwatch', {}, deadlineMs);
    const settled = this.#before + this.#taken * GIVEN_BACK;
    for (let step = 0; step < SETTLE_STEPS && this.#watchingBytes() > settled; step++)
      await sleep(SETTLE_STEP_MS);
  }

  #watchingBytes(): number {
    const bytes = slabBytes(WATCHING_KINDS, this.#layouts.cgroupPointer);
    if (bytes === null) throw new ChildFailure('memory: /proc/slabinfo has become unreadable');
    return bytes;
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

  /** Registering thousands of wait queue entries takes a while. @throws ChildFailure when it does not go to sleep */
  async #asleep(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const stat = readFileSync(`/proc/${this.#probe.pid}/stat`, 'latin1');
      if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('S')) return;
      if (performance.now() > deadline) throw new ChildFailure('memory probe: does not go to sleep');
      await sleep(0);
    }
  }
}
