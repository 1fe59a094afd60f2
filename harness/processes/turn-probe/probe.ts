import { koffiVersion } from '../../../pollers/libc/call.js';
import { fdLimit, pinThread } from '../../../pollers/libc/process.js';
import type { PollerName } from '../../../pollers/names.js';
import { createPoller, registry } from '../../../pollers/registry.js';
import { belongToParent, serve } from '../control/child.js';
import type {
  Available,
  FileTable,
  PollerFacts,
  ProbeFacts,
  ProbeProtocol,
  TurnSample,
  TurnVisit,
} from '../control/messages.js';
import { makeFileTablePrivate } from './file-table.js';
import { tryLimit } from './limits.js';
import { closeInherited, fdNumbers, Pool } from './pool.js';
import { Sleeper } from './sleeper.js';
import type { TurnsModule } from './turns.js';
import { buildTwin, type Twin } from './twin.js';
import { calibrate, closureName, type Means, makeVisit } from './visits.js';

/** The turn probe: holds one pool of sockets and measures turns of every poller on the same fds. */

belongToParent();
closeInherited();

const modules = new Map<string, TurnsModule>();
for (const poller of Object.keys(registry) as PollerName[]) {
  for (const series of ['pollcost', 'pollcost-again'] as const) {
    const name = closureName(poller, series);
    modules.set(name, (await import(`./turns.js?for=${name}`)) as TurnsModule);
  }
}

const limit = fdLimit();
const numbers = fdNumbers(limit.soft);
// It comes just before the pool's numbers: the first in every scan.
const sleeper = new Sleeper(numbers.first - 1);
let twin: Twin | null = null;
let table: FileTable = 'shared';
let pool: Pool | null = null;
let visits: readonly TurnVisit[] = [];
let turns: number[] = [];

const WARM_UP_TURNS = 3000;

serve<ProbeProtocol>({
  start({ cpu, fileTable, twin: wanted }) {
    const built = wanted ? buildTwin(limit.soft) : ({ ok: false, reason: 'not asked for' } as const);
    if (built.ok) twin = built.twin;
    const pinned = pin(cpu);
    const unshare =
      fileTable === 'private' ? makeFileTablePrivate() : ({ ok: false, reason: 'not asked for' } as const);
    table = unshare.ok ? 'private' : 'shared';
    return {
      koffi: koffiVersion,
      fdLimit: limit,
      numbers,
      fileTable: table,
      unshare,
      pinned,
      twin: built.ok ? { ok: true, compiler: built.compiler } : built,
      pollers: pollerFacts(),
    } satisfies ProbeFacts;
  },

  open({ socket, size }) {
    pool = new Pool(socket, size, numbers);
    return { opened: pool.size };
  },

  listenForWaker: () => ({ port: sleeper.listen() }),

  acceptWaker() {
    sleeper.accept();
    return {};
  },

  prepare({ visits: wanted, batchMs, sleptBatchMs }) {
    visits = wanted;
    const means = theMeans();
    warmUp(means);
    turns = visits.map(
      (visit) =>
        visit.turns ?? calibrate(means, visit, visit.conditions.timeout === 'slept' ? sleptBatchMs : batchMs),
    );
    return { turns };
  },

  round({ steps }) {
    const means = theMeans();
    const samples: TurnSample[] = [];
    for (const { visit: index, series } of steps) {
      const visit = visits[index];
      if (!visit) throw new Error(`no visit ${index}`);
      for (const sample of makeVisit(means, visit, series, turns[index] as number)) {
        samples.push({ visit: index, ...sample });
      }
    }
    return { samples };
  },

  limit: ({ poller, fd }) => tryLimit(createPoller(poller), fd),
});

function theMeans(): Means {
  if (!pool) throw new Error('the pool is not open yet');
  return { pool, sleeper, twin, fileTable: table, create: createPoller, modules };
}

/** Lets V8 compile every closure before anything is calibrated. */
function warmUp(means: Means): void {
  const seen = new Set<string>();
  for (const { poller, series } of visits) {
    const conditions = {
      watched: 1,
      ready: 1,
      position: 'last',
      timeout: 'zero',
      wakesPerSecond: 0,
      fileTable: table,
    } as const;
    if (seen.has(poller)) continue;
    seen.add(poller);
    makeVisit(
      means,
      { poller, conditions, series },
      [...new Set([...series, 'pollcost' as const])],
      WARM_UP_TURNS,
    );
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

function pollerFacts(): ProbeFacts['pollers'] {
  const facts: Partial<Record<PollerName, PollerFacts>> = {};
  for (const name of Object.keys(registry) as PollerName[]) {
    const poller = createPoller(name);
    const { maxFd, blocks, trigger, registersInKernel } = poller.capabilities;
    facts[name] = { maxFd, blocks, trigger, scansAll: !registersInKernel, hasTwin: 'nativeCall' in poller };
    poller.close();
  }
  return facts;
}
