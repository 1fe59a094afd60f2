import { harnessPoller, type PollerName } from '../../pollers/manifest.js';
import { whyShared } from '../collectors/unshare.js';
import { references } from '../processes/references/references.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import { cellId } from '../results/cell-id.js';
import type { Warning } from '../results/run-schema.js';
import type { ExperimentPlan, LaunchPlan, PlanContext, Visit } from './experiment.js';
import type { PointOfAll } from './server-design.js';
import {
  type LaunchSetting,
  leadInMs,
  type ServerConditions,
  type SubjectSetting,
} from './server-session.js';
import type { WindowLoad } from './server-windows.js';
import { spareFds } from './values.js';

type SeriesName = SubjectSetting['series'];

/** Visits that are made by the same launches, and the servers that they need. */
export interface Group {
  readonly launches: number;
  readonly rounds: number;
  readonly every: Map<number, number>;
  /** Those of them that take turns with others here, and are made alone elsewhere, by index. */
  readonly otherwise: Map<number, ServerConditions>;
  /** By name, with every poller under which the server is visited. */
  readonly subjects: Map<string, { readonly setting: SubjectSetting; readonly pollers: PollerName[] }>;
}

/** Each process that the harness talks to takes three of its fds. */
const LEAST_FDS = 128;
/** What asking autocannon or the herd, changing the poller and reading /proc take beside a window. */
const SECONDS_BESIDE = 0.05;
const SECONDS_TO_START = 0.6;
const SECONDS_PER_SUBJECT = 0.4;
const SECONDS_PER_CONNECTION = 6e-5;

/** Collects the windows of an experiment with servers and makes launches of them. */
export class ServerPlanBuilder {
  readonly #context: PlanContext;
  readonly #id: string;
  readonly #visits: Visit<ServerConditions>[] = [];
  /** Visits by the ids of their cells. */
  readonly #byCell = new Map<string, number>();
  readonly #groups: Group[] = [];

  constructor(context: PlanContext, id: string) {
    this.#context = context;
    this.#id = id;
  }

  group(launches: number, rounds: number): Group {
    const group = { launches, rounds, every: new Map(), otherwise: new Map(), subjects: new Map() };
    this.#groups.push(group);
    return group;
  }

  /** Adds a window to a group; one that the group has already is made once. */
  add(group: Group, series: SeriesName | 'pollcost-again', poller: PollerName, point: PointOfAll): void {
    const facts = this.#context.probe.pollers[poller];
    if (!facts) return;
    const { idle, active, load, ratePerSecond, phase, app, fileTable, serverPriority } = point;
    const factors = {
      ...{ idle, active, load, ratePerSecond, phase, app, fileTable },
      ...(serverPriority && { serverPriority }),
    };
    const setting = this.#subjectOf(series === 'pollcost-again' ? 'pollcost' : series, poller, facts, point);
    const id = cellId(this.#id, poller, series, factors);
    const skip = this.#reasonAgainst(setting, facts) ?? this.#reasonAgainstPriority(point);
    // What cannot be had private is worth having all the same, and says so in its factors.
    if (setting.isOurs && fileTable === 'private' && !this.#context.probe.unshare.ok)
      this.add(group, series, poller, { ...point, fileTable: 'shared' });
    const conditions: ServerConditions = {
      subject: setting.name,
      window: windowOf(point),
      blocks: facts.blocks,
      ...(point.most !== undefined && { held: idle }),
      ...(point.turnMs !== undefined && { turnMs: point.turnMs }),
    };
    const named = skip === undefined ? { name: series } : { name: series, skip };
    const index =
      this.#byCell.get(id) ?? this.#visits.push({ poller, factors, conditions, series: [named] }) - 1;
    this.#byCell.set(id, index);
    if (this.#visits[index]?.conditions.turnMs !== point.turnMs) group.otherwise.set(index, conditions);
    if (skip !== undefined || group.every.has(index)) return;
    group.every.set(index, Math.min(point.every, group.every.get(index) ?? point.every));
    const subject = group.subjects.get(setting.name) ?? { setting, pollers: [] };
    if (!subject.pollers.includes(poller)) subject.pollers.push(poller);
    group.subjects.set(setting.name, subject);
  }

  plan(warnings: readonly Warning[]): ExperimentPlan<ServerConditions, LaunchSetting> {
    const visits = this.#visits.map((visit) => this.#withPartner(visit));
    const launches = this.#groups
      .filter(({ every }) => every.size > 0)
      .flatMap((group) =>
        Array.from({ length: group.launches }, (_, launch) => ({
          group,
          launch,
          at: (launch + 0.5) / group.launches,
        })),
      )
      // Those of each group are spread over the run, however many it has.
      .sort((a, b) => a.at - b.at)
      .map(({ group, launch }) => this.#launchOf(group, launch));
    return { id: this.#id, visits, launches, isTimed: true, warnings };
  }

  #launchOf({ rounds, every, otherwise, subjects }: Group, launch: number): LaunchPlan<LaunchSetting> {
    const settings = [...subjects.values()].map(({ setting, pollers }) => ({
      ...setting,
      poller: startingWith(pollers, launch, this.#context),
    }));
    const shared = new Set<string>();
    const seconds = [...every.keys()].map((visit): [number, number] => {
      const planned = (this.#visits[visit] as Visit<ServerConditions>).conditions;
      const { window, turnMs, subject, held } = otherwise.get(visit) ?? planned;
      const together = `${subject} ${held}`;
      const comesAlong = turnMs !== undefined && shared.has(together);
      shared.add(together);
      return [visit, window.ms / 1000 + (comesAlong ? 0 : leadInMs(window) / 1000 + SECONDS_BESIDE)];
    });
    const timesOf = (visit: number) => Math.ceil(rounds / (every.get(visit) ?? 1));
    const setting: LaunchSetting = {
      subjects: settings,
      cpus: this.#context.cpus,
      ...(otherwise.size > 0 && { otherwise: Object.fromEntries(otherwise) }),
    };
    return {
      rounds,
      visits: [...every.keys()],
      every: Object.fromEntries([...every].filter(([, times]) => times > 1)),
      setting,
      secondsPerRound: seconds.reduce((sum, [visit, each]) => sum + each * timesOf(visit), 0) / rounds,
      secondsOfVisits: Object.fromEntries(seconds),
      secondsToStart:
        SECONDS_TO_START +
        settings.reduce(
          (sum, { connections }) => sum + SECONDS_PER_SUBJECT + connections * SECONDS_PER_CONNECTION,
          0,
        ),
    };
  }

  #subjectOf(
    series: SeriesName,
    poller: PollerName,
    { trigger }: PollerFacts,
    { idle, active, load, app, fileTable, most }: PointOfAll,
  ): SubjectSetting {
    const isOurs = series === 'pollcost';
    const connections = most ?? (load === 'open' ? Math.max(idle, active) : idle);
    const kind = isOurs ? (trigger === 'level' ? [] : [poller]) : [poller];
    const name = [
      series,
      ...kind,
      app,
      `${fileTable} table`,
      `${most === undefined ? '' : 'up to '}${connections} connections`,
    ].join(' ');
    const factors = {
      series,
      ...(kind.length > 0 && { poller }),
      ...{ app, fileTable },
      ...(most === undefined ? { connections } : { mostConnections: most }),
    };
    return { name, factors, series, isOurs, app, fileTable, poller, connections, cpus: this.#context.cpus };
  }

  /** Why a window cannot be had here. */
  #reasonAgainst(
    { series, isOurs, app, connections, fileTable }: SubjectSetting,
    { maxFd }: PollerFacts,
  ): string | undefined {
    const { unshare, fdLimit, loopback, webAssembly } = this.#context.probe;
    if (!loopback.ok) return loopback.reason;
    if (isOurs && app === 'http' && !webAssembly.ok) return webAssembly.reason;
    if (fdLimit.soft < LEAST_FDS) {
      return `with a limit of ${fdLimit.soft} fds the servers and herds that live side by side cannot all be talked to`;
    }
    if (connections + spareFds(this.#context.probe) > maxFd + 1) {
      return `its fds end at ${maxFd}, and ${connections} connections do not fit below`;
    }
    if (isOurs) {
      return fileTable === 'private' && !unshare.ok ? whyShared(unshare.reason) : undefined;
    }
    const reference = references[series as Exclude<SeriesName, 'pollcost'>].available();
    return reference.ok ? undefined : reference.reason;
  }

  #reasonAgainstPriority({ serverPriority }: PointOfAll): string | undefined {
    const { cpus, probe } = this.#context;
    if (serverPriority === undefined) return undefined;
    if (cpus === null) return 'on the only CPU a server that runs before others holds up its load';
    return probe.realtime.ok ? undefined : probe.realtime.reason;
  }

  /** Names the window of the same beats without idle connections. */
  #withPartner(visit: Visit<ServerConditions>): Visit<ServerConditions> {
    const { factors, poller, series, conditions } = visit;
    if (factors.load !== 'open' || factors.idle === 0 || 'serverPriority' in factors) return visit;
    const partner = this.#visits.findIndex(
      (other) =>
        other.factors.idle === 0 &&
        other.poller === poller &&
        other.series[0]?.name === series[0]?.name &&
        (['load', 'ratePerSecond', 'phase', 'app', 'fileTable'] as const).every(
          (name) => other.factors[name] === factors[name],
        ),
    );
    return partner === -1 ? visit : { ...visit, conditions: { ...conditions, withoutIdle: partner } };
  }
}

function windowOf(point: PointOfAll): WindowLoad {
  const { load, idle, active, ratePerSecond, phase, ms, serverPriority } = point;
  if (load === 'closed' || phase === 'none') return { load: 'closed', active, ms };
  const rank = serverPriority === 'realtime' && { isFirst: true as const };
  return { load: 'open', beating: Math.max(idle, active), ratePerSecond, phase, ms, ...rank };
}

/** Memory is read while connections are made, so launches begin with one poller after the other. */
function startingWith(pollers: readonly PollerName[], launch: number, { probe }: PlanContext): PollerName {
  const sleeping = pollers.filter((poller) => probe.pollers[poller]?.blocks);
  return sleeping[launch % sleeping.length] ?? harnessPoller;
}
