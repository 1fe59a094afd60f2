import { koffiVersion } from '../../../pollers/libc/call.js';
import { fdLimit, pinThread } from '../../../pollers/libc/process.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { Poller, PollerOptions } from '../../../pollers/poller.js';
import { copyModules, type ModuleCopies } from '../batch/module-copies.js';
import { fdNumbers } from '../batch/pool.js';
import { type Sentinel, UnitsLoop } from '../batch/sentinel.js';
import { BatchSubject } from '../batch/subject.js';
import { belongToParent, type Handlers, serve } from '../control/child.js';
import type { Available, FileTable } from '../control/messages.js';
import { closeInherited, makeFileTablePrivate } from '../file-table.js';
import type { Means, TurnsModule } from './batches.js';
import { Evictor } from './evictor.js';
import { tryLimit } from './limits.js';
import type { PollerFacts, ProbeFacts, ProbeProtocol, TurnConditions } from './protocol.js';
import { heapGrowth, registrationNs, userBytes } from './self-cost.js';
import { Sleeper } from './sleeper.js';
import { tryHighestNice, tryLoopback, tryRealtime, tryShortSlices, tryWebAssembly } from './surroundings.js';
import { TurnWorkload } from './turn-workload.js';
import { buildTwin, type Twin } from './twin.js';

interface ProbeOptions {
  readonly sentinel?: Sentinel;
  /** Handlers beside its own. */
  readonly more?: object;
  /** The file in which a run keeps its C twin. */
  readonly keptIn?: number | null;
}

/**
 * The turn probe: holds one pool of sockets and measures turns of every poller on the same fds. `more` are handlers of
 * another protocol on top of its own.
 */
export async function runProbe(
  names: readonly PollerName[],
  create: (name: PollerName, options?: PollerOptions) => Poller,
  { sentinel = new UnitsLoop(), more = {}, keptIn = null }: ProbeOptions = {},
): Promise<void> {
  belongToParent();
  closeInherited();
  const copies = await copyModules(
    names,
    async (copy) => (await import(`./turns.js?for=${copy}`)) as TurnsModule,
  );
  serve<ProbeProtocol>({ ...new TurnProbe(names, create, copies, sentinel, keptIn).handlers, ...more });
}

class TurnProbe {
  readonly #names: readonly PollerName[];
  readonly #create: (name: PollerName, options?: PollerOptions) => Poller;
  readonly #copies: ModuleCopies<TurnsModule>;
  readonly #limit = fdLimit();
  readonly #numbers = fdNumbers(this.#limit.soft);
  // It comes just before the pool's numbers: the first in every scan.
  readonly #sleeper = new Sleeper(this.#numbers.first - 1);
  readonly #subject: BatchSubject<TurnConditions>;
  #keptIn: number | null;
  #twin: Twin | null = null;
  #fileTable: FileTable = 'shared';
  #evictor: Evictor | null = null;

  constructor(
    names: readonly PollerName[],
    create: (name: PollerName, options?: PollerOptions) => Poller,
    copies: ModuleCopies<TurnsModule>,
    sentinel: Sentinel,
    keptIn: number | null,
  ) {
    this.#keptIn = keptIn;
    const workload = new TurnWorkload(() => this.#means);
    this.#subject = new BatchSubject(workload, this.#numbers, sentinel);
    this.#names = names;
    this.#create = create;
    this.#copies = copies;
  }

  get handlers(): Handlers<ProbeProtocol> {
    const pool = () => this.#subject.pool;
    return {
      ...this.#subject.handlers,
      start: (ask) => this.#start(ask),
      listenForPinger: () => ({ port: this.#sleeper.listen() }),
      acceptPinger: () => {
        this.#sleeper.accept();
        return {};
      },
      sleep: ({ poller, ms }) => this.#sleep(poller, ms),
      limit: ({ poller, fd }) => tryLimit(this.#create(poller), fd),
      heapGrowth: ({ poller, watched, turns }) => heapGrowth(this.#means, pool(), poller, watched, turns),
      userBytes: ({ poller, watched }) => ({ bytes: userBytes(this.#means, pool(), poller, watched) }),
      registrationNs: ({ poller, count }) => ({ ns: registrationNs(this.#means, pool(), poller, count) }),
    };
  }

  #start({ cpu, fileTable, twin }: ProbeProtocol['start']['ask']): ProbeFacts {
    const notAsked = { ok: false, reason: 'not asked for' } as const;
    const built = twin ? buildTwin(this.#numbers.last + 1, this.#keptIn) : notAsked;
    // It is closed by then.
    if (twin) this.#keptIn = null;
    if (built.ok) this.#twin = built.twin;
    const pinned = pin(cpu);
    const unshare = fileTable === 'private' ? makeFileTablePrivate() : notAsked;
    this.#fileTable = unshare.ok ? 'private' : 'shared';
    return {
      koffi: koffiVersion,
      fdLimit: this.#limit,
      numbers: this.#numbers,
      fileTable: this.#fileTable,
      unshare,
      pinned,
      realtime: tryRealtime(),
      highestNice: tryHighestNice(),
      shortSlices: tryShortSlices(),
      loopback: tryLoopback(),
      webAssembly: tryWebAssembly(),
      twin: built.ok ? { ok: true, compiler: built.compiler } : built,
      ...this.#factsOfAll(),
    };
  }

  #factsOfAll(): Pick<ProbeFacts, 'pollers' | 'refused'> {
    const pollers: Record<PollerName, PollerFacts> = {};
    const refused: Record<PollerName, string> = {};
    for (const name of this.#names) {
      try {
        pollers[name] = this.#factsOf(name);
      } catch (error) {
        refused[name] = (error as Error).message;
      }
    }
    return { pollers, refused };
  }

  #factsOf(name: PollerName): PollerFacts {
    const poller = this.#create(name);
    const { maxFd, blocks, trigger, scansAll } = poller.capabilities;
    const call = poller.native?.call().call ?? null;
    poller.close();
    return { maxFd, blocks, trigger, scansAll, call, isExclusive: this.#isExclusive(name) };
  }

  /** By what its call says when it is asked, and when it is not. */
  #isExclusive(name: PollerName): boolean {
    const bitOf = (options: PollerOptions) => {
      const poller = this.#create(name, options);
      const call = poller.native?.call();
      poller.close();
      return call?.call === 'epoll' ? call.triggerBit : 0;
    };
    return bitOf({ exclusive: true }) !== bitOf({});
  }

  #sleep(name: PollerName, ms: number): object {
    const poller = this.#create(name);
    poller.wait(ms);
    poller.close();
    return {};
  }

  get #means(): Means {
    const evictor = () => {
      this.#evictor ??= new Evictor();
      return this.#evictor;
    };
    return {
      get evictor() {
        return evictor();
      },
      sleeper: this.#sleeper,
      twin: this.#twin,
      fileTable: this.#fileTable,
      create: this.#create,
      copies: this.#copies,
    };
  }
}

function pin(cpu: number | null): Available<{ cpu: number }> {
  if (cpu === null) return { ok: false, reason: 'there is one CPU only' };
  try {
    pinThread(cpu);
    return { ok: true, cpu };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}
