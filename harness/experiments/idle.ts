import { setTimeout as sleep } from 'node:timers/promises';
import { harnessPoller, type PollerName } from '../../pollers/manifest.js';
import { startServer } from '../processes/control/parent.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import type {
  Experiment,
  ExperimentPlan,
  LaunchPlan,
  PlanContext,
  Session,
  SessionSample,
  Step,
  Visit,
} from './experiment.js';
import { LiveServer, type ServerSetting, type Spent } from './live-server.js';
import { APP, MOST } from './server-design.js';
import { SpeedSampler } from './speed-sampler.js';
import { allowedValues, oneEnd, spareFds } from './values.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  /** Pollers that sleep are visited in every nth round: a thread that does not run has little that scatters. */
  readonly every: number;
  /** Beside none at all. */
  readonly idle: readonly number[];
  readonly ms: number;
  /** Of a poller that never sleeps. */
  readonly busyMs: number;
}

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 2, rounds: 1, every: 1, idle: [10, 1000], ms: 250, busyMs: 250 },
  standard: { launches: 3, rounds: 1, every: 1, idle: [10, 1000], ms: 250, busyMs: 250 },
  thorough: { launches: 4, rounds: 1, every: 1, idle: [10, 100, 1000, 5000, MOST], ms: 250, busyMs: 250 },
};

/** Who never sleeps is what the others are better than, and here whoever was asked for. */
const sleepless = ({ probe }: PlanContext): PollerName[] =>
  Object.keys(probe.pollers).filter((name) => probe.pollers[name]?.blocks === false);

/** After a change of poller: the first wait scans everything, and V8 tidies up. */
const SETTLE_MS = 20;
/** Beside busy neighbours it may take a while until a server has had its first wait. */
const MOST_SETTLES = 50;
const MS_BESIDE = 10;
const SECONDS_TO_START = 0.8;
const SECONDS_PER_CONNECTION = 6e-5;

interface Conditions {
  /** The name of a server of the launch. */
  readonly subject: string;
  readonly ms: number;
  /** Whether its poller sleeps. */
  readonly blocks: boolean;
}

type Setting = readonly (ServerSetting & { readonly name: string })[];

/**
 * What a server costs that holds connections of which none says anything. cpuShare is its thread's CPU time over the time
 * that it could have run (wall less waiting in the run queue); wakeupsPerSecond how often it slept and was woken. A sampler beside
 * it reads the speed of its CPU, whose readings are no time of the server's.
 */
export const idle: Experiment<Conditions, Setting> = {
  id: 'idle',
  needsLinux: 'its servers run on Linux',
  question: 'what does a server cost that has nothing to do, with none, some and many connections?',
  connectionsFactor: 'idle',
  plan(context) {
    const design = DESIGNS[context.profile];
    const { probe } = context;
    const most = Math.max(1, probe.fdLimit.soft - spareFds(probe));
    const values = allowedValues(context, most, oneEnd(probe));
    const counts = context.connections === null ? [0, ...values(design.idle)] : values(design.idle);
    const pollers = [...new Set([...sleepless(context), ...context.pollers])];
    const visits = counts.flatMap((count) =>
      pollers.flatMap((poller) => {
        const facts = context.probe.pollers[poller];
        return facts ? [visitOf(count, poller, facts, design, context)] : [];
      }),
    );
    return { id: 'idle', visits, launches: launchesOf(visits, design, context), warnings: values.warnings };
  },
  async open(launch, plan) {
    const settings = launch.setting;
    const servers = new Map(settings.map((setting) => [setting.name, new LiveServer(setting, startServer)]));
    const sampler = new SpeedSampler();
    try {
      const starting = sampler.start(settings[0]?.cpus?.subject ?? null);
      await Promise.all([starting, ...[...servers.values()].map((server) => server.listen())]);
      for (const server of servers.values()) await server.connect();
      return new IdleSession(plan, servers, sampler);
    } catch (error) {
      sampler.kill();
      for (const server of servers.values()) server.kill();
      throw error;
    }
  },
};

/** No poller can take over from one of another trigger. */
const subjectOf = (count: number, trigger: PollerFacts['trigger']) => `${count} connections, ${trigger}`;

function visitOf(
  count: number,
  poller: PollerName,
  { maxFd, blocks, trigger }: PollerFacts,
  { ms, busyMs }: Design,
  { probe }: PlanContext,
): Visit<Conditions> {
  const conditions: Conditions = { subject: subjectOf(count, trigger), ms: blocks ? ms : busyMs, blocks };
  const skip = reasonToSkip(count, maxFd, probe);
  const series = skip === undefined ? { name: 'pollcost' as const } : { name: 'pollcost' as const, skip };
  return { poller, factors: { idle: count, app: APP }, conditions, series: [series] };
}

function reasonToSkip(count: number, maxFd: number, probe: PlanContext['probe']): string | undefined {
  const { loopback, webAssembly } = probe;
  if (!webAssembly.ok) return webAssembly.reason;
  if (count > 0 && !loopback.ok) return loopback.reason;
  if (count + spareFds(probe) > maxFd + 1)
    return `its fds end at ${maxFd}, and ${count} connections do not fit below`;
  return undefined;
}

function launchesOf(
  visits: readonly Visit<Conditions>[],
  { launches, rounds, every }: Design,
  { cpus, probe }: PlanContext,
): LaunchPlan<Setting>[] {
  const chosen = visits.flatMap(({ series }, index) => (series[0]?.skip === undefined ? [index] : []));
  const servers = new Map<string, Setting[number]>();
  for (const index of chosen) {
    const { poller, factors, conditions } = visits[index] as Visit<Conditions>;
    const { subject } = conditions;
    const isLevel = probe.pollers[poller]?.trigger === 'level';
    servers.set(subject, {
      name: subject,
      app: APP,
      // A server that rests asks its poller once and sleeps: no rule reads what a shared table adds to that.
      fileTable: probe.unshare.ok ? 'private' : 'shared',
      poller: isLevel ? harnessPoller : poller,
      connections: Number(factors.idle),
      cpus,
      isOurs: true,
    });
  }
  const setting: Setting = [...servers.values()];
  const sleeps = (index: number) => (visits[index] as Visit<Conditions>).conditions.blocks;
  const windows = inWindows(chosen.map((index) => visits[index] as Visit<Conditions>));
  const windowsMs = windows.map(([visit]) => {
    const { ms, blocks } = (visit as Visit<Conditions>).conditions;
    return (ms + SETTLE_MS + MS_BESIDE) / (blocks ? rounds / Math.ceil(rounds / every) : 1);
  });
  const connections = setting.reduce((sum, server) => sum + server.connections, 0);
  const launch: LaunchPlan<Setting> = {
    rounds,
    visits: chosen,
    every: Object.fromEntries(chosen.filter(sleeps).map((index) => [index, every])),
    setting,
    secondsPerRound: windowsMs.reduce((sum, ms) => sum + ms, 0) / 1000,
    secondsToStart: SECONDS_TO_START + connections * SECONDS_PER_CONNECTION,
  };
  return Array.from({ length: launches }, () => launch);
}

/** Servers that sleep leave the CPU to one another: those of one poller rest side by side, in one window. Who never sleeps has its own. */
function inWindows(visits: readonly Visit<Conditions>[]): Visit<Conditions>[][] {
  const windows = new Map<string | Visit, Visit<Conditions>[]>();
  for (const visit of visits) {
    const key = visit.conditions.blocks ? visit.poller : visit;
    windows.set(key, [...(windows.get(key) ?? []), visit]);
  }
  return [...windows.values()];
}

class IdleSession implements Session {
  readonly #plan: ExperimentPlan<Conditions, Setting>;
  readonly #servers: ReadonlyMap<string, LiveServer>;
  readonly #sampler: SpeedSampler;

  constructor(
    plan: ExperimentPlan<Conditions, Setting>,
    servers: ReadonlyMap<string, LiveServer>,
    sampler: SpeedSampler,
  ) {
    this.#plan = plan;
    this.#servers = servers;
    this.#sampler = sampler;
  }

  get pid(): number {
    return [...this.#servers.values()][0]?.pid ?? process.pid;
  }

  async round(steps: readonly Step[]) {
    const { visits } = this.#plan;
    const samples: SessionSample[] = [];
    let involuntarySwitches = 0;
    for (const window of inWindows(steps.map(({ visit }) => visits[visit] as Visit<Conditions>))) {
      const { result, speed } = await this.#rest(window);
      for (const [at, spent] of result.entries()) {
        involuntarySwitches += spent.involuntarySwitches;
        samples.push({
          visit: visits.indexOf(window[at] as Visit<Conditions>),
          series: 'pollcost',
          turns: 0,
          speed,
          // A share of the CPU's time is the same at any speed.
          isMadeOnce: true,
          metrics: { ...shareOf(spent), wakeupsPerSecond: spent.voluntarySwitches / spent.seconds },
        });
      }
    }
    for (const server of this.#servers.values()) await server.requireHeld();
    return { samples, involuntarySwitches };
  }

  /** What each server of a window spends meanwhile. */
  async #rest(window: readonly Visit<Conditions>[]) {
    const { poller, conditions } = window[0] as Visit<Conditions>;
    const { ms, blocks } = conditions;
    const servers = window.map(({ conditions: { subject } }) => this.#servers.get(subject) as LiveServer);
    for (const server of servers) await server.use(poller);
    await Promise.all(servers.map((server) => settle(server, blocks)));
    const rested = await this.#sampler.during(ms, () =>
      Promise.all(servers.map((server) => server.rest(blocks, ms))),
    );
    // One that never sleeps would take the CPU from whoever comes next.
    if (!blocks) for (const server of servers) await server.use(harnessPoller);
    return rested;
  }

  async end(): Promise<void> {
    await Promise.all([this.#sampler.end(), ...[...this.#servers.values()].map((server) => server.end())]);
  }
}

/** Until a server that sleeps does so; if it never does, that is what there is to be measured. */
async function settle(server: LiveServer, blocks: boolean): Promise<void> {
  for (let settles = 0; settles < MOST_SETTLES; settles++) {
    const before = server.cpuNs;
    await sleep(SETTLE_MS);
    if (!blocks || server.cpuNs === before) return;
  }
}

/** Absent where its thread only waited: it had no CPU of which it could have used a share. */
function shareOf({ cpuNs, runQueueWaitNs, seconds }: Spent): { cpuShare?: number } {
  const couldRunNs = seconds * 1e9 - runQueueWaitNs;
  return couldRunNs > 0 ? { cpuShare: cpuNs / couldRunNs } : {};
}
