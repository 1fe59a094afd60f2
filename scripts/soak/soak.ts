import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startSoakLoad } from '../../harness/processes/control/parent.js';
import type { AppName } from '../../harness/processes/server/protocol.js';
import type { SoakProtocol, SoakReport } from '../../harness/processes/soak-load/protocol.js';
import { seedFrom } from '../../harness/statistics/random.js';
import type { PollerName } from '../../pollers/manifest.js';
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

interface Times {
  readonly stormMs: number;
  readonly quietMs: number;
}

/** What the server's main thread did while nobody said anything. */
interface Idle {
  readonly when: string;
  readonly ms: number;
  readonly count: number;
  readonly cpuNs: number;
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
const LEAST_QUIET_MS = 200;
const MOST_QUIET_MS = 1000;
const FDS_PATIENCE_MS = 5000;
const WORK_PATIENCE_MS = 30_000;
const MOST_IDLE_CPU_NS = 1_000_000;
/** From the last storm but one to the last, in which some thousand connections came and went. V8's heap varies by half. */
const MOST_GROWTH_BYTES = 16 * 2 ** 20;

/** Every poller with every app, one after the other; each gets its share of the time that is left. */
export async function soak(plan: SoakPlan, progress: (line: string) => void): Promise<SoakResult[]> {
  const results: SoakResult[] = [];
  const endMs = performance.now() + plan.seconds * 1000;
  const runs = plan.pollers.flatMap((poller) => plan.apps.map((app) => ({ poller, app })));
  for (const { poller, app } of runs) {
    progress(`${app} on ${poller} ...`);
    const shareMs = (endMs - performance.now()) / (runs.length - results.length);
    results.push(await soakOne(poller, app, plan, timesOf(shareMs)));
  }
  return results;
}

function timesOf(shareMs: number): Times {
  const quietMs = Math.min(MOST_QUIET_MS, Math.max(LEAST_QUIET_MS, shareMs / 10));
  return { quietMs, stormMs: Math.max(LEAST_STORM_MS, (shareMs - REST_MS - 2 * quietMs) / STORMS) };
}

async function soakOne(poller: PollerName, app: AppName, plan: SoakPlan, times: Times): Promise<SoakResult> {
  const subject = await startSubject(poller, app);
  const load = startSoakLoad();
  try {
    const fdsBefore = openFds(subject.pid);
    const ask = {
      host: '127.0.0.1',
      port: subject.port,
      poller,
      app,
      connections: plan.connections,
      seed: seedFrom(plan.seed, poller, app),
    };
    const { connections, blocks } = await load.request('start', ask, DEADLINE_MS);
    const { report, rests, idles } = await storms(load, subject.pid, fdsBefore, blocks, times);
    const broken = [
      ...report.reasons,
      ...(report.errors > report.reasons.length ? [`${report.errors} errors in all`] : []),
      ...defectsOf(fdsBefore, rests),
      ...idles.flatMap(spinOf),
      ...(await endOf(subject)),
    ];
    const idleWakeUps = blocks ? idles.reduce((sum, { count }) => sum + count, 0) : null;
    return { poller, app, connections, report, fdsBefore, rests, idleWakeUps, broken };
  } finally {
    await load.end();
    await subject.end();
  }
}

async function storms(
  load: Child<SoakProtocol>,
  pid: number,
  fdsBefore: number,
  blocks: boolean,
  { stormMs, quietMs }: Times,
) {
  const rests: Rest[] = [];
  const idles: Idle[] = [];
  const idle = async (when: string) => {
    if (!blocks) return;
    await endOfWork(pid);
    idles.push({ when, ms: quietMs, ...(await idleFor(quietMs, pid)) });
  };
  for (let storm = 1; storm <= STORMS; storm++) {
    await load.request('storm', { ms: stormMs }, stormMs + DEADLINE_MS);
    if (storm === STORMS) await idle('with all connections open');
    await load.request('leave', {}, DEADLINE_MS);
    rests.push(await restOf(pid, fdsBefore));
  }
  await idle('when all were closed');
  return { report: await load.request('leave', {}, DEADLINE_MS), rests, idles };
}

const spinOf = ({ when, ms, count, cpuNs }: Idle): string[] =>
  count === 0 && cpuNs <= MOST_IDLE_CPU_NS
    ? []
    : [`${when}: ${count} wake-ups and ${(cpuNs / 1e6).toFixed(1)} ms of CPU in ${ms} ms`];

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
