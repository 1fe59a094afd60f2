import { readFileSync } from 'node:fs';
import { hardFdLimit } from '../../harness/collectors/rights.js';
import { type Child, startActive, startHerd, startServer } from '../../harness/processes/control/parent.js';
import type { BeatReport, HerdProtocol, Phase } from '../../harness/processes/herd/protocol.js';
import { chooseCpus } from '../../harness/run/plan-context.js';
import { median } from '../../harness/statistics/median.js';
import { harnessPoller } from '../../pollers/manifest.js';
import { held, type Row, type SelfCost } from './cost.js';
import { SELF_SEED } from './turns.js';

const DEADLINE_MS = 60_000;
const MOST_CONNECTIONS = 19_000;
/** Fds that are no connections, of the herd or the server. */
const SPARE_FDS = 100;
const HOST = '127.0.0.1';
const WINDOW_MS = 3000;
const CPU_WINDOWS = 3;
const BEATS_PER_SECOND = 5000;
const LEAST_IN_TIME = 0.99;
const MOST_CPU = 0.6;
const ACTIVE = 10;
const ACTIVE_MS = 2000;

const errorsOf = ({ unanswered, wrong, lost }: BeatReport): number => unanswered + wrong + lost;

const none = (what: string, errors: number): Row => ({
  what,
  figure: String(errors),
  limit: 'none',
  ok: errors === 0,
});

const fdLimit = hardFdLimit('self');
const connections = Math.min(MOST_CONNECTIONS, (fdLimit ?? Number.POSITIVE_INFINITY) - SPARE_FDS);

/** What a herd takes that holds as many connections as may be, and how well it keeps its times. */
async function herdRows(child: Child<HerdProtocol>, port: number, cpu: number | null): Promise<Row[]> {
  const { connected, seconds, bytesPerConnection } = await child.request(
    'connect',
    { host: HOST, port, connections, app: 'fixed', cpu },
    DEADLINE_MS,
  );
  const reports: BeatReport[] = [];
  const beat = async (phase: Phase, ratePerSecond: number): Promise<BeatReport> => {
    const ask = { connections, ratePerSecond, phase, seed: SELF_SEED + reports.length, ms: WINDOW_MS };
    const report = await child.request('beat', ask, DEADLINE_MS);
    reports.push(report);
    return report;
  };
  // Until V8 has compiled what it will compile.
  await beat('spread', connections);
  const cpuShares: number[] = [];
  for (let made = 0; made < CPU_WINDOWS; made++) {
    const { cpuNs, seconds } = await beat('spread', connections);
    cpuShares.push(cpuNs / 1e9 / seconds);
  }
  const cpuShare = median(cpuShares);
  const many: Row[] = [];
  for (const phase of ['spread', 'poisson'] as const) {
    const waitedBefore = waitedNs(child.pid);
    const report = await beat(phase, BEATS_PER_SECOND);
    many.push(inTime(phase, report, (waitedNs(child.pid) - waitedBefore) / 1e6));
  }
  await beat('storm', connections / 2);
  const rate = `${(connected / seconds).toFixed(0)} a second`;
  return [
    {
      what: 'connections held',
      figure: String(connected),
      limit:
        connections === MOST_CONNECTIONS ? `${MOST_CONNECTIONS}` : `with a limit of ${fdLimit} open files`,
      ok: connected === connections,
    },
    { what: 'opened', figure: rate },
    held('user memory of one', `${bytesPerConnection.toFixed(0)} bytes`, bytesPerConnection, 1024, ' bytes'),
    held('CPU at a beat a second of each', cpuShare.toFixed(2), cpuShare, MOST_CPU, ' of a core'),
    ...many,
    none(`errors of ${reports.reduce((sum, { intended }) => sum + intended, 0)} beats`, sum(reports)),
  ];
}

const sum = (reports: readonly BeatReport[]): number =>
  reports.reduce((total, report) => total + errorsOf(report), 0);

/** For how long the main thread could have run and had no CPU: on a quiet machine next to nothing. */
const waitedNs = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]);

function inTime(phase: Phase, { lateBeats, latencyUs }: BeatReport, waitedMs: number): Row {
  const share = 1 - lateBeats;
  const figure = `${(100 * share).toFixed(2)} %, answers after ${latencyUs.p50.toFixed(0)} us; without a CPU for ${waitedMs.toFixed(0)} ms`;
  return {
    what: `within 1 ms of their time, ${BEATS_PER_SECOND} a second, ${phase}`,
    figure: share >= LEAST_IN_TIME ? figure : `late generator: ${figure}`,
    limit: `at least ${100 * LEAST_IN_TIME} %`,
    ok: share >= LEAST_IN_TIME,
  };
}

async function activeRows(port: number, cpu: number | null): Promise<Row[]> {
  const child = startActive();
  try {
    const ask = { host: HOST, port, connections: ACTIVE, ms: ACTIVE_MS, cpu };
    await child.request('run', ask, DEADLINE_MS);
    const { requests, errors, seconds, latencyUs } = await child.request('run', ask, DEADLINE_MS);
    const figure = `${(requests / seconds).toFixed(0)} a second, in ${latencyUs.p50.toFixed(0)} us`;
    return [{ what: `requests of autocannon, ${ACTIVE} connections`, figure }, none('its errors', errors)];
  } finally {
    await child.end();
  }
}

/** The load of the server experiment: what it costs itself, and whether it does what it says. */
export const herd: SelfCost = {
  title: 'the herd and the active few, against app fixed on epoll',
  async measure() {
    const cpus = chooseCpus();
    const server = startServer();
    const child = startHerd();
    try {
      const { port } = await server.request(
        'start',
        {
          poller: harnessPoller,
          app: 'fixed',
          host: HOST,
          port: 0,
          cpu: cpus?.subject ?? null,
          fileTable: 'private',
        },
        DEADLINE_MS,
      );
      const rows = await herdRows(child, port, cpus?.load ?? null);
      // The active few come alone: the herd has said what it had to say.
      return [...rows, ...(await activeRows(port, cpus?.load ?? null))];
    } finally {
      await child.end();
      await server.end();
    }
  },
};
