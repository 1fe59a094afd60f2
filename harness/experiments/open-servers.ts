import { setTimeout as sleep } from 'node:timers/promises';
import { socketSlabBytes } from '../collectors/kernel-caches.js';
import { ChildFailure, startActive, startServer } from '../processes/control/parent.js';
import { references } from '../processes/references/references.js';
import { stepAside } from './aside.js';
import type { ExperimentPlan, LaunchPlan, Session, Visit } from './experiment.js';
import { type ConnectionBytes, LiveServer } from './live-server.js';
import {
  type LaunchSetting,
  type ServerConditions,
  ServerSession,
  type SubjectSetting,
} from './server-session.js';
import { SpeedSampler } from './speed-sampler.js';

/** Starts the servers that a launch visits, one after the other each with its connections. @throws ChildFailure */
export async function openServers(
  launch: LaunchPlan<LaunchSetting>,
  planned: ExperimentPlan<ServerConditions, LaunchSetting>,
): Promise<Session> {
  const { cpus, otherwise = {} } = launch.setting;
  const plan = {
    ...planned,
    visits: planned.visits.map((visit, index) => ({
      ...visit,
      conditions: otherwise[index] ?? visit.conditions,
    })),
  };
  // A second look makes some of the visits only.
  const visited = launch.visits.map((visit) => (plan.visits[visit] as Visit<ServerConditions>).conditions);
  const subjects = launch.setting.subjects.filter(({ name }) =>
    visited.some(({ subject }) => subject === name),
  );
  const servers = new Map<string, LiveServer<SubjectSetting>>();
  let comeBack = () => {};
  const active = visited.some(({ window }) => window.load === 'closed') ? startActive() : null;
  const sampler = new SpeedSampler();
  try {
    for (const subject of subjects) servers.set(subject.name, new LiveServer(subject, starterOf(subject)));
    // With the servers, and before memory is read: what it opens is none of theirs.
    await Promise.all([
      sampler.start(cpus?.subject ?? null),
      ...[...servers.values()].map((server) => server.listen()),
    ]);
    if ([...servers.values()].some(({ tellsBytes }) => tellsBytes)) await kernelAtRest();
    const memory = new Map<string, ConnectionBytes>();
    for (const [name, server] of servers) memory.set(name, await server.connect());
    const session = new ServerSession(plan, servers, memory, { active, sampler }, cpus?.load ?? null, () =>
      comeBack(),
    );
    await session.warmUp();
    const herds = [...servers.values()].map(({ herdPid }) => herdPid);
    const others = [active?.pid, sampler.pid, ...herds].filter((pid) => pid !== null && pid !== undefined);
    comeBack = stepAside(cpus, [...others, ...[...servers.values()].map(({ pid }) => pid)]);
    return session;
  } catch (error) {
    active?.kill();
    sampler.kill();
    for (const server of servers.values()) server.kill();
    throw error;
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
