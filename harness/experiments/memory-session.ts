import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { structBytes } from '../collectors/btf.js';
import { kernelMemoryIsCharged } from '../collectors/cgroup.js';
import { FreePages, pageBytes } from '../collectors/free-pages.js';
import { type Child, ChildFailure, startMemoryProbe } from '../processes/control/parent.js';
import type { MemoryProtocol } from '../processes/memory-probe/protocol.js';
import { median } from '../statistics/median.js';
import type { ExperimentPlan, LaunchPlan, Session, SessionSample, Step, Visit } from './experiment.js';
import { type Kind, type Reading, readBooks } from './kernel-books.js';
import { besideBytesOf, type Layouts, ledgerOf, objectBytesOf, STRUCTS } from './kernel-layouts.js';
import { settled, untilGivenBack } from './settling.js';

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
/** Free pages are of the whole machine, on which anything else may take one: where few are looked for, the middle is of so many times more. */
const AS_OFTEN_FOR_FEW_PAGES = 3;
/** So many watched fds take few pages while a poller sleeps on them. */
const OF_FEW_PAGES = 1000;

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
    const socketBytes = () => readBooks(SOCKET_KINDS, layouts.cgroupPointer)[0]?.bytes ?? null;
    const before = await settled(socketBytes);
    await probe.request('open', { size: poolSize }, DEADLINE_MS);
    const after = socketBytes();
    // Means nothing where all books are closed, and no visit that reads is made there.
    const perConnection = ((after ?? 0) - (before ?? 0)) / poolSize;
    return new MemorySession(probe, plan, layouts, perConnection, toggles);
  } catch (error) {
    probe.kill();
    throw error;
  }
}

const WATCHING_KINDS = ['epitem', 'eppollEntry', 'epHead', 'pollRequest'] as const satisfies readonly Kind[];
const SOCKET_KINDS = [
  'tcpSocket',
  'socketInode',
  'file',
  'dentry',
  'bindBucket',
] as const satisfies readonly Kind[];

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

/** With fewer, what stays drowns among the objects that each CPU keeps at hand: only pages that come and go are read. */
export const LEAST_READ = 500;
/** How often the same fds are watched anew for one sample: a process that starts somewhere spoils one difference. */
const WATCHES = 3;
class MemorySession implements Session {
  readonly #probe: Child<MemoryProtocol>;
  readonly #plan: ExperimentPlan<MemoryConditions, MemorySetting>;
  readonly #layouts: Layouts;
  readonly #bytesPerConnection: number;
  readonly #toggles: number;
  #freePages: FreePages | null = null;
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
          : await this.#read(asked, deadlineMs);
      samples.push({ visit, series: 'pollcost', ...sample });
    }
    return { samples };
  }

  async end(): Promise<void> {
    this.#freePages?.close();
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
    const turns = this.#toggles * (asked.watched <= OF_FEW_PAGES ? AS_OFTEN_FOR_FEW_PAGES : 1);
    let watching = await this.#watch(asked, deadlineMs);
    const { sharedBytes, call } = known(watching.native, asked.poller);
    const taken = [watching.taken];
    // A ring is taken apart in the background, which takes a second: the launches are repetitions enough.
    const watches = asked.watched < LEAST_READ || call === 'io_uring' ? 1 : WATCHES;
    while (taken.length < watches) {
      await this.#unwatch(deadlineMs);
      watching = await this.#watch(asked, deadlineMs);
      taken.push(watching.taken);
    }
    const { userBytes, taken: last } = watching;
    const pages: number[] = [];
    for (let toggle = 0; toggle < turns; toggle++) {
      const without = await this.#pagesTaken(false, deadlineMs);
      pages.push((await this.#pagesTaken(true, deadlineMs)) - without);
    }
    if (asked.watched < LEAST_READ) await this.#probe.request('unwatch', {}, deadlineMs);
    else await this.#unwatch(deadlineMs);
    const blocked = {
      userBytes: sharedBytes,
      userCopyBytes: userBytes - sharedBytes,
      kernelBlockedBytes: median(pages) * this.#layouts.page,
    };
    if (asked.watched < LEAST_READ) return { turns, metrics: blocked };
    const ways = last.map(
      ({ metric }, way) => [metric, median(taken.map((each) => each[way]?.bytes ?? 0))] as const,
    );
    const metrics = {
      ...blocked,
      kernelPersistentBytes: ways[0]?.[1] ?? 0,
      ...Object.fromEntries(ways),
      socketBytes: this.#bytesPerConnection * asked.watched,
    };
    return { turns, metrics };
  }

  /** Lets the subject watch; `taken`: what that takes by each of the kernel's books, the one that decides first. */
  async #watch(asked: MemoryProtocol['watch']['ask'], deadlineMs: number) {
    const before = this.#books();
    const watching = await this.#probe.request('watch', asked, deadlineMs);
    const taken = this.#books().map(({ metric, bytes }, book) => ({
      metric,
      bytes: bytes - (before[book]?.bytes ?? 0),
    }));
    this.#before = before[0]?.bytes ?? 0;
    this.#taken = taken[0]?.bytes ?? 0;
    return { ...watching, taken };
  }

  /** Until what it took is given back. */
  async #unwatch(deadlineMs: number): Promise<void> {
    await this.#probe.request('unwatch', {}, deadlineMs);
    await untilGivenBack(() => (this.#books()[0]?.bytes ?? 0) - this.#before, this.#taken);
  }

  #books(): Reading[] {
    const books = readBooks(WATCHING_KINDS, this.#layouts.cgroupPointer);
    if (books.length === 0) throw new ChildFailure("memory: the kernel's books have become unreadable");
    return books;
  }

  /** How many free pages are gone once the subject sleeps, with or without its poller. */
  async #pagesTaken(inPoller: boolean, deadlineMs: number): Promise<number> {
    this.#freePages ??= new FreePages();
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
