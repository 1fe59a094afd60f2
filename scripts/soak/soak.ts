import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName, SoakReport } from '../../harness/processes/control/messages.js';
import { startSoakLoad } from '../../harness/processes/control/parent.js';
import { seedFrom } from '../../harness/statistics/random.js';
import type { PollerName } from '../../pollers/names.js';
import { openFds, residentBytes, switches, threadCpuNs } from '../vitals.js';
import { type Subject, startSubject } from './subject.js';

export interface SoakPlan {
  readonly pollers: readonly PollerName[];
  readonly apps: readonly AppName[];
  /** At most; a poller may have room for fewer. */
  readonly connections: number;
  /** For everything together. */
  readonly seconds: number;
  readonly seed: number;
}

/** What a server was when all connections of a storm had been closed. */
interface Rest {
  readonly fds: number;
  readonly residentBytes: number;
}

export interface SoakResult {
  readonly poller: PollerName;
  readonly app: AppName;
  /** Held at the same time. */
  readonly connections: number;
  readonly report: SoakReport;
  readonly fdsBefore: number;
  /** After each storm. In the first one V8 compiles and its heap grows; it is no measure for growth. */
  readonly rests: readonly Rest[];
  /** Of the server's loop while nobody said anything: with all connections open, and with none. Null: it never sleeps. */
  readonly idleWakeUps: number | null;
  /** One line for each promise that was broken. */
  readonly broken: readonly string[];
}

const DEADLINE_MS = 60_000;
const STORMS = 3;
/** What a run takes beside its storms and quiet times: starting, and for each storm coming to rest and leaving. */
const REST_MS = 3500;
const LEAST_STORM_MS = 300;
const FDS_PATIENCE_MS = 5000;
const WORK_PATIENCE_MS = 5000;
const MOST_IDLE_CPU_NS = 1_000_000;
/** From the last storm but one to the last, in which some thousand connections came and went. */
const MOST_GROWTH_BYTES = 8 * 2 ** 20;

/** Every poller with every app, one after the other. */
export async function soak(plan: SoakPlan, progress: (line: string) => void): Promise<SoakResult[]> {
  const results: SoakResult[] = [];
  const shareMs = (plan.seconds * 1000) / (plan.pollers.length * plan.apps.length);
  const quietMs = Math.min(1000, shareMs / 10);
  const stormMs = Math.max(LEAST_STORM_MS, (shareMs - REST_MS - 2 * quietMs) / STORMS);
  for (const poller of plan.pollers) {
    for (const app of plan.apps) {
      progress(`${app} on ${poller} ...`);
      results.push(await soakOne(poller, app, plan, stormMs, quietMs));
    }
  }
  return results;
}

async function soakOne(
  poller: PollerName,
  app: AppName,
  plan: SoakPlan,
  stormMs: number,
  quietMs: number,
): Promise<SoakResult> {
  const subject = await startSubject(poller, app);
  const load = startSoakLoad();
  const broken: string[] = [];
  try {
    const fdsBefore = openFds(subject.pid);
    const { connections, blocks } = await load.request(
      'start',
      {
        host: '127.0.0.1',
        port: subject.port,
        poller,
        app,
        connections: plan.connections,
        seed: seedFrom(plan.seed, poller, app),
      },
      DEADLINE_MS,
    );
    const wakeUps = async (when: string): Promise<number> => {
      if (!blocks) return 0;
      await endOfWork(subject.pid);
      const { count, cpuNs } = await idleFor(quietMs, subject.pid);
      if (count > 0 || cpuNs > MOST_IDLE_CPU_NS)
        broken.push(`${when}: ${count} wake-ups and ${(cpuNs / 1e6).toFixed(1)} ms of CPU in ${quietMs} ms`);
      return count;
    };
    const rests: Rest[] = [];
    let idleWakeUps = 0;
    for (let storm = 1; storm <= STORMS; storm++) {
      await load.request('storm', { ms: stormMs }, stormMs + DEADLINE_MS);
      if (storm === STORMS) idleWakeUps += await wakeUps('with all connections open');
      await load.request('leave', {}, DEADLINE_MS);
      rests.push(await restOf(subject.pid, fdsBefore));
    }
    idleWakeUps += await wakeUps('when all were closed');
    const report = await load.request('leave', {}, DEADLINE_MS);
    broken.push(...report.reasons, ...defectsOf(fdsBefore, rests));
    if (report.errors > report.reasons.length) broken.push(`${report.errors} errors in all`);
    return {
      poller,
      app,
      connections,
      report,
      fdsBefore,
      rests,
      idleWakeUps: blocks ? idleWakeUps : null,
      broken: [...broken, ...(await endOf(subject))],
    };
  } finally {
    await load.end();
    await subject.end();
  }
}

/** Waits until the server has noticed that everybody has left. */
async function restOf(pid: number, fds: number): Promise<Rest> {
  for (let waitedMs = 0; openFds(pid) > fds && waitedMs < FDS_PATIENCE_MS; waitedMs += 10) await sleep(10);
  return { fds: openFds(pid), residentBytes: residentBytes(pid) };
}

/** Those who do not read have asked for much: the server may be at it until their sockets are full. */
async function endOfWork(pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < WORK_PATIENCE_MS; waitedMs += 100)
    if ((await idleFor(100, pid)).count === 0) return;
}

/** How often the main thread ran within so many ms, and for how long. */
export async function idleFor(ms: number, pid: number): Promise<{ count: number; cpuNs: number }> {
  const [count, cpuNs] = [switches(pid), threadCpuNs(pid)];
  await sleep(ms);
  return { count: switches(pid) - count, cpuNs: threadCpuNs(pid) - cpuNs };
}

/** What the server kept of connections that are gone. */
export function defectsOf(fdsBefore: number, rests: readonly Rest[]): string[] {
  const defects = rests
    .filter(({ fds }) => fds !== fdsBefore)
    .map(({ fds }) => `${fds} fds open after everybody left, ${fdsBefore} before they came`);
  const [before = 0, last = 0] = rests.slice(-2).map(({ residentBytes: bytes }) => bytes);
  if (last - before > MOST_GROWTH_BYTES)
    defects.push(
      `the last storm left ${((last - before) / 2 ** 20).toFixed(0)} MiB more than the one before`,
    );
  return defects;
}

async function endOf(subject: Subject): Promise<string[]> {
  const code = await subject.end();
  const complaints = subject.complaints();
  return [
    ...(code === 0 ? [] : [`the server ended with code ${code}`]),
    ...(complaints === '' ? [] : [`the server complained: ${complaints.trimEnd()}`]),
  ];
}
