import { harnessPoller, type PollerName } from '../../pollers/manifest.js';
import { tcpStatesOf } from '../collectors/tcp-states.js';
import type { ActiveProtocol } from '../processes/active/protocol.js';
import { type Child, ChildFailure } from '../processes/control/parent.js';
import type { BeatReport } from '../processes/herd/protocol.js';
import type { ReferenceName } from '../processes/references/references.js';
import type { Factors } from '../results/run-schema.js';
import type { SubjectReadings } from '../results/samples-schema.js';
import type { ExperimentPlan, Session, SessionSample, Step, Visit } from './experiment.js';
import type { ConnectionBytes, LiveServer, ServerSetting } from './live-server.js';
import {
  type ClosedReport,
  closedMetrics,
  errorsOf,
  fastestPart,
  isLate,
  LONG_MS,
  metricsOfTurns,
  openMetrics,
  type PartOfWindow,
  type WindowLoad,
  type WindowMetrics,
} from './server-windows.js';
import { READINGS_BESIDE_LATENCIES, READINGS_OF_EACH_TURN, type SpeedSampler } from './speed-sampler.js';

/** What a visit of experiment `server` says of its window. */
export interface ServerConditions {
  /** The name of a subject of the launch. */
  readonly subject: string;
  readonly window: WindowLoad;
  /** Whether a wait of the visit's poller is one system call, which may sleep. */
  readonly blocks: boolean;
  /** How long a turn is where the pollers that share subject and connections take turns within one window. */
  readonly turnMs?: number;
  /** How many of its subject's connections are held during the window, where that is not all of them. */
  readonly held?: number;
  /** The visit of the same poller under the same beats with no idle connections. */
  readonly withoutIdle?: number;
}

export interface SubjectSetting extends ServerSetting {
  /** What its name says, as its readings have it. */
  readonly factors: Factors;
  readonly name: string;
  readonly series: 'pollcost' | ReferenceName;
}

export interface LaunchSetting {
  readonly subjects: readonly SubjectSetting[];
  readonly cpus: ServerSetting['cpus'];
  /** Visits, by index, that this launch makes under other conditions than the plan says: taking turns with others, in one server. */
  readonly otherwise?: Readonly<Record<number, ServerConditions>>;
}

/** Discarded before each window: caches and branch predictors still belong to the one before. */
const LEAD_IN = 0.1;
const LEAST_LEAD_IN_MS = 10;
const MOST_LEAD_IN_MS = 50;
/**
 * autocannon compiles itself in its first run, and V8 each server in its first requests: some thousand, which take so many
 * connections at once a tenth of the time.
 */
const WARM_UP = { load: 'closed', active: 16, ms: 60 } as const;
const WHOLE_WARM_UP = { ...WARM_UP, ms: 100 } as const;
/** Of the first server of a launch, where so many ask in what is measured, too: behind a shorter one its first windows are dearer than the next. */
const MANY_WARM_UP = { ...WARM_UP, ms: 600 } as const;
/** What is a poller's own, turns with one request among it. */
const POLLERS_WARM_UPS = [
  { ...WARM_UP, ms: 40 },
  { ...WARM_UP, active: 1, ms: 40 },
] as const;
/** With no more idle connections than this, what differs of a request is a few per cent. */
const FEW = 15;
/** What goes before the first long window. */
const LONG_WARM_UP = { ms: 60, timesFaster: 5 } as const;
/** How long a window may take beyond its length: the herd waits 5 s for answers that do not come. */
const PATIENCE_MS = 30_000;

/** Who stands beside the servers of a launch: what asks in closed loop, where some window does, and what reads the speed. */
interface Helpers {
  readonly active: Child<ActiveProtocol> | null;
  readonly sampler: SpeedSampler;
}

/** Servers that live side by side and are loaded in turn; while one is, the others sleep. */
export class ServerSession implements Session {
  readonly #plan: ExperimentPlan<ServerConditions, LaunchSetting>;
  readonly #servers: ReadonlyMap<string, LiveServer<SubjectSetting>>;
  readonly #memory: ReadonlyMap<string, ConnectionBytes>;
  readonly #active: Child<ActiveProtocol> | null;
  readonly #sampler: SpeedSampler;
  readonly #loadCpu: number | null;
  readonly #comeBack: () => void;
  /** Subjects whose memory stands in a sample already. */
  readonly #reported = new Set<string>();

  constructor(
    plan: ExperimentPlan<ServerConditions, LaunchSetting>,
    servers: ReadonlyMap<string, LiveServer<SubjectSetting>>,
    memory: ReadonlyMap<string, ConnectionBytes>,
    { active, sampler }: Helpers,
    loadCpu: number | null,
    comeBack: () => void,
  ) {
    this.#plan = plan;
    this.#servers = servers;
    this.#memory = memory;
    this.#active = active;
    this.#sampler = sampler;
    this.#loadCpu = loadCpu;
    this.#comeBack = comeBack;
  }

  /** Of the first server; what is exact about each stands in its readings. */
  get pid(): number {
    return [...this.#servers.values()][0]?.pid ?? process.pid;
  }

  async warmUp(): Promise<void> {
    for (const [name, server] of this.#servers) await this.#warmUpOne(name, server);
    // What a long window says of latency it says of its slowest answers: herds compile themselves in their first.
    for (const { conditions } of this.#plan.visits) {
      const { subject, window } = conditions;
      const server = this.#servers.get(subject);
      if (!server || window.load !== 'open' || window.ms < LONG_MS) continue;
      const { ms, timesFaster } = LONG_WARM_UP;
      const ratePerSecond = window.ratePerSecond * timesFaster;
      await this.#load(server, { ...window, ms, ratePerSecond }, 0);
    }
  }

  /**
   * Whole requests are measured to a few per cent where few are idle: V8 is still compiling for some thousand of them, and
   * what is a poller's own for some more.
   */
  async #warmUpOne(name: string, server: LiveServer<SubjectSetting>): Promise<void> {
    if (!this.#active) return;
    const { connections, poller: first } = server.setting;
    if (connections > FEW) {
      await this.#request(server, WARM_UP, PATIENCE_MS);
      return;
    }
    const visited = this.#plan.visits.filter(
      ({ conditions: { subject, window, blocks } }) => subject === name && window.load === 'closed' && blocks,
    );
    const hasMany = visited.some(
      ({ conditions: { window } }) => window.load === 'closed' && window.active >= WARM_UP.active,
    );
    const isFirst = server === [...this.#servers.values()][0];
    await this.#request(server, hasMany && isFirst ? MANY_WARM_UP : WHOLE_WARM_UP, PATIENCE_MS);
    for (const poller of new Set([first, ...visited.map((visit) => visit.poller)])) {
      if (server.setting.isOurs) await server.use(poller);
      for (const load of POLLERS_WARM_UPS) await this.#request(server, load, PATIENCE_MS);
    }
  }

  async round(steps: readonly Step[], _deadlineMs: number, seed: number) {
    for (const server of this.#servers.values()) server.beginRound(this.#loadOf(server));
    const samples: SessionSample[] = [];
    let switches = 0;
    for (const group of this.#inWindows(steps)) {
      const step = group[0] as Step;
      if (this.#conditionsOf(step).turnMs !== undefined) {
        samples.push(...(await this.#visitInTurns(group, seed)));
        continue;
      }
      const { sample, involuntarySwitches } = await this.#visit(step, seed);
      samples.push(sample);
      switches += involuntarySwitches;
    }
    for (const server of this.#servers.values()) await server.requireHeld();
    const hasLate = samples.some((sample) => isLate(this.#conditionsOf(sample).window, sample.metrics));
    return {
      samples: samples.map((sample) => withIdleCost(sample, samples, this.#plan)),
      involuntarySwitches: switches,
      readings: this.#readings(),
      flags: hasLate ? ['late-generator'] : [],
    };
  }

  async end(): Promise<void> {
    this.#comeBack();
    await Promise.all([
      this.#active?.end(),
      this.#sampler.end(),
      ...[...this.#servers.values()].map((server) => server.end()),
    ]);
  }

  async #visit({ visit: index, series: [series] }: Step, seed: number) {
    const { poller, conditions } = this.#plan.visits[index] as Visit<ServerConditions>;
    const { subject, window, blocks, held } = conditions;
    const server = this.#servers.get(subject) as LiveServer<SubjectSetting>;
    if (held !== undefined) await server.hold(held);
    if (server.setting.isOurs) await server.use(poller);
    const before = await this.#load(server, leadIn(window), seed + 1);
    const isForLatencies = window.load === 'open' && window.ms >= LONG_MS;
    const { result, speed } = await this.#sampler.during(
      window.ms,
      () => server.spend(blocks, () => this.#load(server, window, seed)),
      isForLatencies ? READINGS_BESIDE_LATENCIES : undefined,
    );
    const { spent, report } = result;
    const metrics = 'requests' in report ? closedMetrics(spent, report) : openMetrics(spent, report);
    const errors = errorsOf(before) + errorsOf(report);
    // One that never sleeps would take the CPU from whoever comes next.
    if (!blocks) await server.use(harnessPoller);
    const sample: SessionSample = {
      visit: index,
      series: series as SessionSample['series'],
      turns: spent.work?.turns ?? 0,
      speed,
      isMadeOnce: window.ms >= LONG_MS,
      metrics: { ...metrics, errors, ...this.#memoryOf(subject, poller) },
    };
    return { sample, involuntarySwitches: spent.involuntarySwitches };
  }

  #conditionsOf({ visit }: Pick<Step, 'visit'>): ServerConditions {
    return (this.#plan.visits[visit] as Visit<ServerConditions>).conditions;
  }

  /** Those that share a window together, where the first of them comes; the others alone. */
  #inWindows(steps: readonly Step[]): Step[][] {
    const windows = new Map<string | Step, Step[]>();
    for (const step of steps) {
      const { turnMs, subject, held } = this.#conditionsOf(step);
      const key = turnMs === undefined ? step : `${subject} ${held}`;
      windows.set(key, [...(windows.get(key) ?? []), step]);
    }
    return [...windows.values()];
  }

  /** One window of the length of all of these, in which their pollers take turns. */
  async #visitInTurns(steps: readonly Step[], seed: number): Promise<SessionSample[]> {
    const { subject, window, held, turnMs = window.ms } = this.#conditionsOf(steps[0] as Step);
    const server = this.#servers.get(subject) as LiveServer<SubjectSetting>;
    if (held !== undefined) await server.hold(held);
    const pollers = steps.map(({ visit }) => (this.#plan.visits[visit] as Visit).poller);
    const whole = { ...window, ms: window.ms * steps.length };
    const before = await this.#load(server, leadIn(window), seed + 1);
    const { result, speed, readings } = await this.#sampler.during(
      whole.ms,
      () => server.spendInTurns(pollers, turnMs, () => this.#load(server, whole, seed)),
      READINGS_OF_EACH_TURN,
    );
    const { ways, report } = result;
    const errors = errorsOf(before) + errorsOf(report);
    const samplesOf = (part: PartOfWindow, more: WindowMetrics = {}) => {
      const metrics = metricsOfTurns(part.ways);
      return steps.map(
        ({ visit, series: [series] }, index): SessionSample => ({
          visit,
          series: series as SessionSample['series'],
          turns: part.ways.reduce((sum, { spent }) => sum + (spent[index]?.turns ?? 0), 0),
          speed: part.speed,
          // Made again it would be alone, without those that it is compared with.
          isMadeOnce: true,
          metrics: { ...metrics[index], ...more },
        }),
      );
    };
    const fastest = fastestPart(ways, readings);
    return [...samplesOf({ ways, speed }, { errors }), ...(fastest ? samplesOf(fastest) : [])];
  }

  #load(
    server: LiveServer<SubjectSetting>,
    window: WindowLoad,
    seed: number,
  ): Promise<BeatReport | ClosedReport> {
    return window.load === 'closed'
      ? this.#request(server, window, window.ms + PATIENCE_MS)
      : server.beat(
          {
            connections: window.beating,
            ratePerSecond: window.ratePerSecond,
            phase: window.phase,
            seed,
            ms: window.ms,
            ...(window.isFirst && { isFirst: true }),
          },
          window.ms + PATIENCE_MS,
        );
  }

  #request(
    server: LiveServer<SubjectSetting>,
    { active, ms }: WindowLoad & { load: 'closed' },
    deadlineMs: number,
  ) {
    if (!this.#active) throw new ChildFailure('autocannon: was not started');
    const ask = { host: '127.0.0.1', port: server.port, connections: active, ms, cpu: this.#loadCpu };
    return this.#active.request('run', ask, deadlineMs);
  }

  /** What connecting took stands in one sample of the poller that it was done under. */
  #memoryOf(subject: string, poller: PollerName): ConnectionBytes {
    if (this.#reported.has(subject) || this.#servers.get(subject)?.setting.poller !== poller) return {};
    this.#reported.add(subject);
    return this.#memory.get(subject) ?? {};
  }

  #loadOf(server: LiveServer<SubjectSetting>): number[] {
    return [server.herdPid, this.#active?.pid].filter((pid) => pid !== null && pid !== undefined);
  }

  #readings(): SubjectReadings[] {
    const states = tcpStatesOf([...this.#servers.values()].map(({ port }) => port));
    return [...this.#servers].flatMap(([subject, server]) => {
      const readings = server.endRound(this.#loadOf(server));
      const { factors } = server.setting;
      return readings ? [{ subject, factors, tcpStates: states?.get(server.port) ?? null, ...readings }] : [];
    });
  }
}

export const leadInMs = ({ ms }: WindowLoad): number =>
  Math.min(MOST_LEAD_IN_MS, Math.max(LEAST_LEAD_IN_MS, ms * LEAD_IN));

/** A storm shorter than its period has no beats. */
function leadIn(window: WindowLoad): WindowLoad {
  const ms = leadInMs(window);
  if (window.load === 'closed') return { ...window, ms };
  return { ...window, ms, phase: window.phase === 'storm' ? 'spread' : window.phase };
}

/**
 * What one more idle fd costs a second under these beats: the CPU share with the idle connections less that without,
 * both of this round.
 */
function withIdleCost(
  sample: SessionSample,
  samples: readonly SessionSample[],
  plan: ExperimentPlan<ServerConditions, LaunchSetting>,
): SessionSample {
  const { conditions, factors } = plan.visits[sample.visit] as Visit<ServerConditions>;
  const { withoutIdle } = conditions;
  const base = samples.find(({ visit }) => visit === withoutIdle)?.metrics.cpuShare;
  const share = sample.metrics.cpuShare;
  if (base === undefined || share === undefined) return sample;
  const idleNsPerFdSecond = ((share - base) * 1e9) / Number(factors.idle);
  return { ...sample, metrics: { ...sample.metrics, idleNsPerFdSecond } satisfies WindowMetrics };
}
