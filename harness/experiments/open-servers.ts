import { setTimeout as sleep } from 'node:timers/promises';
import { socketSlabBytes } from '../collectors/kernel-caches.js';
import { ChildFailure, startActive, startServer } from '../processes/control/parent.js';
import { references } from '../processes/references/references.js';
import { spreadOut, stepAside } from './aside.js';
import type { Begun, ExperimentPlan, LaunchPlan, Session, Visit } from './experiment.js';
import { type ConnectionBytes, LiveServer } from './live-server.js';
import {
  type LaunchSetting,
  type ServerConditions,
  ServerSession,
  type SubjectSetting,
} from './server-session.js';
import { SpeedSampler } from './speed-sampler.js';

type Launch = LaunchPlan<LaunchSetting>;
type Plan = ExperimentPlan<ServerConditions, LaunchSetting>;

const LOAD_DEADLINE_MS = 30_000;

/** Starts the servers that a launch visits, one after the other each with its connections. @throws ChildFailure */
export const openServers = (launch: Launch, plan: Plan): Promise<Session> =>
  new StartedServers(launch, plan).takePlace();

/** Starts their processes, which wait for their turn without a connection. @throws ChildFailure */
export async function beginServers(launch: Launch, plan: Plan): Promise<Begun> {
  const started = new StartedServers(launch, plan);
  await started.loaded();
  return started;
}

/** The processes of a launch. */
class StartedServers implements Begun {
  readonly #launch: Launch;
  readonly #plan: Plan;
  readonly #servers: ReadonlyMap<string, LiveServer<SubjectSetting>>;
  readonly #active: ReturnType<typeof startActive> | null;
  readonly #sampler: SpeedSampler;

  constructor(launch: Launch, planned: Plan) {
    const { cpus, otherwise = {}, subjects } = launch.setting;
    this.#launch = launch;
    this.#plan = {
      ...planned,
      visits: planned.visits.map((visit, index) => ({
        ...visit,
        conditions: otherwise[index] ?? visit.conditions,
      })),
    };
    // A second look makes some of the visits only.
    const visited = launch.visits.map(
      (visit) => (this.#plan.visits[visit] as Visit<ServerConditions>).conditions,
    );
    const needed = subjects.filter(({ name }) => visited.some(({ subject }) => subject === name));
    const starters = needed.map((subject) => ({ subject, start: starterOf(subject) }));
    // Begun aside they are on the load's CPU already.
    const comeBack = launch.aside ? () => {} : stepAside(cpus);
    this.#active = visited.some(({ window }) => window.load === 'closed') ? startActive() : null;
    this.#sampler = new SpeedSampler();
    this.#servers = new Map(
      starters.map(({ subject, start }) => [subject.name, new LiveServer(subject, start)] as const),
    );
    comeBack();
  }

  async loaded(): Promise<void> {
    const ours = [...this.#servers.values()].filter(({ setting }) => setting.isOurs);
    const waiting = [this.#sampler, this.#active, ...ours].map((each) => each?.loaded(LOAD_DEADLINE_MS));
    await Promise.all(waiting).catch((error: unknown) => {
      this.#kill();
      throw error;
    });
  }

  async takePlace(): Promise<Session> {
    const { cpus } = this.#launch.setting;
    const comeBack = stepAside(cpus);
    const active = this.#active;
    const sampler = this.#sampler;
    try {
      if (this.#launch.aside) spreadOut(this.#pids(), cpus);
      // With the servers, and before memory is read: what it opens is none of theirs.
      await Promise.all([
        sampler.start(cpus?.subject ?? null),
        ...[...this.#servers.values()].map((server) => server.listen()),
      ]);
      await kernelAtRest();
      const memory = new Map<string, ConnectionBytes>();
      for (const [name, server] of this.#servers) memory.set(name, await server.connect());
      const helpers = { active, sampler };
      const session = new ServerSession(
        this.#plan,
        this.#servers,
        memory,
        helpers,
        cpus?.load ?? null,
        comeBack,
      );
      await session.warmUp();
      return session;
    } catch (error) {
      comeBack();
      this.#kill();
      throw error;
    }
  }

  async end(): Promise<void> {
    await Promise.all([this.#active, this.#sampler, ...this.#servers.values()].map((each) => each?.end()));
  }

  #pids(): number[] {
    const servers = [...this.#servers.values()].flatMap(({ pid, herdPid }) => [pid, herdPid]);
    return [this.#sampler.pid, this.#active?.pid ?? null, ...servers].filter((pid) => pid !== null);
  }

  #kill(): void {
    for (const each of [this.#active, this.#sampler, ...this.#servers.values()]) each?.kill();
  }
}

/** The sockets of the launch before are freed a while after their processes have ended. */
async function kernelAtRest(): Promise<void> {
  const bytes = () => socketSlabBytes.read({ pid: process.pid, cpu: null }) ?? 0;
  for (let looks = 0, before = bytes(); looks < MOST_LOOKS; looks++) {
    await sleep(LOOK_MS);
    const now = bytes();
    if (now >= before) return;
    before = now;
  }
}

const LOOK_MS = 50;
const MOST_LOOKS = 40;

function starterOf({ series }: SubjectSetting) {
  if (series === 'pollcost') return startServer;
  const reference = references[series].available();
  if (!reference.ok) throw new ChildFailure(`${series} server: ${reference.reason}`);
  return reference.start;
}
