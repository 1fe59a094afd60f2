import { koffiVersion } from '../../../pollers/libc/call.js';
import { fdLimit, pinThread, runAmongOthers, runBeforeOthers } from '../../../pollers/libc/process.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { Poller } from '../../../pollers/poller.js';
import type { TurnSample } from '../batch/protocol.js';
import { belongToParent, type Handlers, serve } from '../control/child.js';
import type { Available, FileTable } from '../control/messages.js';
import { closeInherited, makeFileTablePrivate } from '../file-table.js';
import { closureName, disturbance, formOf, type Means, type TurnsModule } from './batches.js';
import { Evictor } from './evictor.js';
import { tryLimit } from './limits.js';
import { fdNumbers, Pool } from './pool.js';
import type { PollerFacts, ProbeFacts, ProbeProtocol, TurnConditions, TurnVisit } from './protocol.js';
import { heapGrowth, registrationNs, userBytes } from './self-cost.js';
import { Sleeper } from './sleeper.js';
import { buildTwin, type Twin } from './twin.js';
import { calibrate, makeVisit } from './visits.js';
import { Progress } from './workload.js';

/** How often each closure is run in each form before it counts; in pieces, because V8 changes code between calls. */
const FIRST_PASSES = 5;
const FIRST_TURNS = 60;
const WARM_UP_PASSES = 8;
const WARM_UP_TURNS = 500;

/** The turn probe: holds one pool of sockets and measures turns of every poller on the same fds. */
export async function runProbe(
  names: readonly PollerName[],
  create: (name: PollerName) => Poller,
): Promise<void> {
  belongToParent();
  closeInherited();
  const probe = new TurnProbe(names, create, await loadClosures(names));
  serve<ProbeProtocol>(probe.handlers);
}

/** One copy of the measured code for each poller and series, see turns.ts. */
async function loadClosures(names: readonly PollerName[]): Promise<Map<string, TurnsModule>> {
  const modules = new Map<string, TurnsModule>();
  for (const poller of names) {
    for (const series of ['pollcost', 'pollcost-again'] as const) {
      const name = closureName(poller, series);
      modules.set(name, (await import(`./turns.js?for=${name}`)) as TurnsModule);
    }
  }
  return modules;
}

class TurnProbe {
  readonly #names: readonly PollerName[];
  readonly #create: (name: PollerName) => Poller;
  readonly #modules: ReadonlyMap<string, TurnsModule>;
  readonly #limit = fdLimit();
  readonly #numbers = fdNumbers(this.#limit.soft);
  // It comes just before the pool's numbers: the first in every scan.
  readonly #sleeper = new Sleeper(this.#numbers.first - 1);
  #twin: Twin | null = null;
  #fileTable: FileTable = 'shared';
  #pool: Pool | null = null;
  #visits: readonly TurnVisit[] = [];
  #progress: Progress[] = [];
  #turns: number[] = [];
  #evictor: Evictor | null = null;

  constructor(
    names: readonly PollerName[],
    create: (name: PollerName) => Poller,
    modules: ReadonlyMap<string, TurnsModule>,
  ) {
    this.#names = names;
    this.#create = create;
    this.#modules = modules;
  }

  readonly handlers: Handlers<ProbeProtocol> = {
    start: (ask) => this.#start(ask),
    open: ({ socket, size }) => {
      this.#pool = new Pool(socket, size, this.#numbers);
      return { opened: this.#pool.size };
    },
    listenForWaker: () => ({ port: this.#sleeper.listen() }),
    acceptWaker: () => {
      this.#sleeper.accept();
      return {};
    },
    prepare: (ask) => this.#prepare(ask),
    round: ({ steps }) => {
      const before = disturbance.involuntarySwitches;
      const samples = steps.flatMap(({ visit, series }) => this.#visit(visit, series));
      return { samples, involuntarySwitches: disturbance.involuntarySwitches - before };
    },
    limit: ({ poller, fd }) => tryLimit(this.#create(poller), fd),
    heapGrowth: ({ poller, watched, turns }) => heapGrowth(this.#means(), poller, watched, turns),
    userBytes: ({ poller, watched }) => ({ bytes: userBytes(this.#means(), poller, watched) }),
    registrationNs: ({ poller, count }) => ({ ns: registrationNs(this.#means(), poller, count) }),
  };

  #start({ cpu, fileTable, twin }: ProbeProtocol['start']['ask']): ProbeFacts {
    const notAsked = { ok: false, reason: 'not asked for' } as const;
    const built = twin ? buildTwin(this.#numbers.last + 1) : notAsked;
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
      twin: built.ok ? { ok: true, compiler: built.compiler } : built,
      pollers: Object.fromEntries(this.#names.map((name) => [name, this.#factsOf(name)])),
    };
  }

  #factsOf(name: PollerName): PollerFacts {
    const poller = this.#create(name);
    const { maxFd, blocks, trigger, scansAll } = poller.capabilities;
    const call = poller.native?.call().call ?? null;
    poller.close();
    return { maxFd, blocks, trigger, scansAll, call };
  }

  #prepare({ visits, batchMs, sleptBatchMs, turns }: ProbeProtocol['prepare']['ask']) {
    this.#visits = visits;
    const means = this.#means();
    this.#warmUp(means);
    this.#progress = visits.map(() => new Progress());
    this.#turns = visits.map((visit, index) => {
      const progress = this.#progress[index] as Progress;
      const known = turns?.[index];
      const ms = visit.conditions.timeout === 'slept' ? sleptBatchMs : batchMs;
      if (known === undefined) return calibrate(means, visit, ms, progress);
      if (visit.conditions.timeout !== 'slept')
        makeVisit(means, visit, visit.series, Math.ceil(known / 10), progress);
      return known;
    });
    this.#warmSecondClosures(means);
    return { turns: this.#turns };
  }

  #visit(index: number, series: TurnVisit['series']): TurnSample[] {
    const visit = this.#visits[index];
    if (!visit) throw new Error(`no visit ${index}`);
    const samples = makeVisit(
      this.#means(),
      visit,
      series,
      this.#turns[index] as number,
      this.#progress[index],
    );
    return samples.map((sample) => ({ visit: index, ...sample }));
  }

  #means(): Means {
    if (!this.#pool) throw new Error('the pool is not open yet');
    const evictor = () => {
      this.#evictor ??= new Evictor();
      return this.#evictor;
    };
    return {
      pool: this.#pool,
      get evictor() {
        return evictor();
      },
      sleeper: this.#sleeper,
      twin: this.#twin,
      fileTable: this.#fileTable,
      create: this.#create,
      modules: this.#modules,
    };
  }

  /** What `pollcost-again` runs in few visits only would still be compiled when it counts. */
  #warmSecondClosures(means: Means): void {
    for (const [index, visit] of this.#visits.entries()) {
      if (visit.series.includes('pollcost-again'))
        makeVisit(means, visit, ['pollcost-again'], this.#turns[index] as number, this.#progress[index]);
    }
  }

  /** Lets V8 compile every closure, in each form that it will be used in, before anything is calibrated. */
  #warmUp(means: Means): void {
    const warmed = new Set<string>();
    const quick = { ...means, evictor: new Evictor(0) };
    for (const { poller, conditions } of this.#visits) {
      const form = formOf(conditions);
      const key = `${poller} ${form} ${(conditions.churnPer100 ?? 0) > 0}`;
      if (warmed.has(key)) continue;
      warmed.add(key);
      const { highestFd: _, ...elsewhere } = conditions;
      const idle: TurnConditions = {
        ...elsewhere,
        ...{ watched: 1, ready: 0, position: 'none', timeout: 'zero', fileTable: this.#fileTable },
      };
      const warm = (warming: TurnConditions, turns: number) =>
        makeVisit(quick, { poller, conditions: warming, series: [] }, ['pollcost', 'pollcost-again'], turns);
      // Optimised code is built from what was seen before: first all that happens, then often.
      if (form === 'consumed' || this.#factsOf(poller).trigger === 'level')
        for (let pass = 0; pass < FIRST_PASSES; pass++) warm({ ...idle, ...ONE_READY }, FIRST_TURNS);
      for (let pass = 0; pass < WARM_UP_PASSES; pass++) warm(idle, WARM_UP_TURNS);
    }
  }
}

const ONE_READY = { ready: 1, position: 'last' } as const;

/** Whether a thread here may run before others, as the load of a server does. */
function tryRealtime(): Available<object> {
  try {
    runBeforeOthers();
    runAmongOthers();
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
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
