import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName, SoakProtocol, SoakReport } from '../../harness/processes/control/messages.js';
import { type Child, startSoakLoad } from '../../harness/processes/control/parent.js';
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

/** What a server was when all connections of one half had been closed. */
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
  readonly halves: readonly [Rest, Rest];
  /** Of the server's loop while nobody said anything: with all connections open, and with none. Null: it never sleeps. */
  readonly idleWakeUps: number | null;
  /** One line for each promise that was broken. */
  readonly broken: readonly string[];
}

const DEADLINE_MS = 60_000;
/** What a run takes beside its storms: starting, arriving at rest, leaving. */
const REST_MS = 3000;
const LEAST_STORM_MS = 300;
const FDS_PATIENCE_MS = 5000;
const MOST_IDLE_CPU_NS = 1_000_000;
/** V8's heap is not the same size twice; a connection that is kept costs 300 bytes at the very least. */
const GROWTH_BYTES = 12 * 2 ** 20;

/** Every poller with every app, one after the other. */
export async function soak(plan: SoakPlan, progress: (line: string) => void): Promise<SoakResult[]> {
  const results: SoakResult[] = [];
  const shareMs = (plan.seconds * 1000) / (plan.pollers.length * plan.apps.length);
  const quietMs = Math.min(1000, shareMs / 10);
  const stormMs = Math.max(LEAST_STORM_MS, (shareMs - REST_MS - 2 * quietMs) / 2);
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
      const { count, cpuNs } = await idleFor(quietMs, subject.pid);
      if (count > 0 || cpuNs > MOST_IDLE_CPU_NS)
        broken.push(`${when}: ${count} wake-ups and ${(cpuNs / 1e6).toFixed(1)} ms of CPU in ${quietMs} ms`);
      return count;
    };
    await load.request('storm', { ms: stormMs }, stormMs + DEADLINE_MS);
    const first = await leave(load, subject, fdsBefore);
    await load.request('storm', { ms: stormMs }, stormMs + DEADLINE_MS);
    const idleWakeUps = await wakeUps('with all connections open');
    const second = await leave(load, subject, fdsBefore);
    const idle = idleWakeUps + (await wakeUps('when all were closed'));
    const { report } = second;
    broken.push(...report.reasons, ...defectsOf(fdsBefore, [first, second]));
    if (report.errors > report.reasons.length) broken.push(`${report.errors} errors in all`);
    return {
      poller,
      app,
      connections,
      report,
      fdsBefore,
      halves: [first, second],
      idleWakeUps: blocks ? idle : null,
      broken: [...broken, ...(await endOf(subject))],
    };
  } finally {
    await load.end();
    await subject.end();
  }
}

async function leave(load: Child<SoakProtocol>, { pid }: Subject, fds: number) {
  const report = await load.request('leave', {}, DEADLINE_MS);
  for (let waitedMs = 0; openFds(pid) > fds && waitedMs < FDS_PATIENCE_MS; waitedMs += 10) await sleep(10);
  return { report, fds: openFds(pid), residentBytes: residentBytes(pid) };
}

async function idleFor(ms: number, pid: number): Promise<{ count: number; cpuNs: number }> {
  const [count, cpuNs] = [switches(pid), threadCpuNs(pid)];
  await sleep(ms);
  return { count: switches(pid) - count, cpuNs: threadCpuNs(pid) - cpuNs };
}

function defectsOf(fdsBefore: number, halves: readonly [Rest, Rest]): string[] {
  const defects = halves
    .filter(({ fds }) => fds !== fdsBefore)
    .map(({ fds }) => `${fds} fds open after everybody left, ${fdsBefore} before they came`);
  const growth = halves[1].residentBytes - halves[0].residentBytes;
  if (growth > GROWTH_BYTES)
    defects.push(`the second half left ${(growth / 2 ** 20).toFixed(0)} MiB more than the first one`);
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
