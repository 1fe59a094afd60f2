import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { SampleLine } from '../results/samples-schema.js';
import { sampleLineSchema } from '../results/samples-schema.js';
import { runExperiment } from '../run/runner.js';
import type { FullSpeed } from '../statistics/full-speed.js';
import { childrenOf, untilGone } from '../testing/processes.js';
import type { Experiment, ExperimentPlan } from './experiment.js';
import { idle } from './idle.js';
import { openServers } from './open-servers.js';
import type { server } from './server.js';
import type { PointOfAll } from './server-design.js';
import { ServerPlanBuilder } from './server-plan.js';
import { plantedContext } from './testing/planted-context.js';

/** Real servers under real load, few connections and short windows. */

const closed: PointOfAll = {
  idle: 5,
  active: 1,
  load: 'closed',
  ratePerSecond: 0,
  phase: 'none',
  app: 'http',
  fileTable: 'private',
  ms: 100,
  every: 1,
};
const open: PointOfAll = { ...closed, active: 0, load: 'open', ratePerSecond: 500, phase: 'spread' };
const alone: PointOfAll = { ...open, idle: 0, active: 3 };

const context = plantedContext();

/** Each poller under closed and open load, a storm, and Node's own server. */
function planned(): ReturnType<typeof server.plan> {
  const builder = new ServerPlanBuilder(context, 'server');
  const group = builder.group(1, 1);
  for (const poller of ['busy', 'select', 'poll', 'epoll'] as const) {
    for (const point of [closed, open, alone]) builder.add(group, 'pollcost', poller, point);
  }
  builder.add(group, 'pollcost', 'epoll', { ...open, phase: 'storm', ms: 20 });
  builder.add(group, 'node:http', 'epoll', { ...closed, fileTable: 'shared' });
  return builder.plan([]);
}

/** Enough to have a server, a herd and autocannon, twice. */
function plannedTwice(): ReturnType<typeof server.plan> {
  const builder = new ServerPlanBuilder(context, 'server');
  const group = builder.group(2, 1);
  for (const point of [closed, open]) builder.add(group, 'pollcost', 'poll', point);
  return builder.plan([]);
}

async function run<C, S>(
  experiment: Pick<Experiment<C, S>, 'open'>,
  plan: ExperimentPlan<C, S>,
  fullSpeed: FullSpeed | null = null,
) {
  const lines: SampleLine[] = [];
  const outcome = await runExperiment(experiment as Experiment, plan as ExperimentPlan, {
    seed: 3,
    subjectCpu: null,
    record: (recorded) => lines.push(...recorded),
    advance: () => {},
    isDone: () => false,
    fullSpeed: () => fullSpeed,
    stop: new AbortController().signal,
  });
  return { lines, ...outcome };
}

const programOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] ?? '';

test('pollers take turns on the same live connections, and every request is answered', async () => {
  const plan = planned();
  const { lines, failures } = await run({ open: openServers }, plan);
  assert.deepEqual(failures, []);
  for (const line of lines) sampleLineSchema.parse(line);
  const samples = lines.filter((line) => line.kind === 'sample');
  assert.equal(samples.length, plan.visits.length);
  for (const { cell, metrics, turns, speed } of samples) {
    assert.equal(metrics.errors, 0, cell);
    assert.ok(speed?.during && speed.during.length > 0, `no speed was read during a window of ${cell}`);
    for (const name of [
      'cpuShare',
      'cpuUsPerRequest',
      'senderUsPerRequest',
      'latencyP50Us',
      'latencyP999Us',
    ]) {
      assert.ok((metrics[name] ?? 0) > 0, `${name} of ${cell}`);
    }
    if (cell.includes('pollcost')) {
      assert.ok(turns > 0, cell);
      assert.ok(
        (metrics.syscallsPerRequest ?? 0) >= 1,
        `${metrics.syscallsPerRequest} calls a request of ${cell}`,
      );
      assert.ok((metrics.sleptTurnsPerSecond ?? 0) <= (metrics.turnsPerSecond ?? 0), cell);
    }
    if (cell.includes('load=open')) {
      // A generator that is late closes its window late, and divides by its length.
      const rate = metrics.requestsPerSecond ?? 0;
      assert.ok(rate > 0 && rate < 550, `${rate} beats a second of ${cell}`);
      assert.ok(metrics.lateBeats !== undefined);
    }
    assert.equal('idleNsPerFdSecond' in metrics, cell.includes('idle=5') && cell.includes('spread'), cell);
  }
  const storm = samples.find(({ cell }) => cell.includes('storm'));
  assert.ok((storm?.metrics.eventsPerTurn ?? 0) >= 1);
  checkReadings(lines);
});

/** What collectors read stands beside the samples: states, memory, CPU of both sides. */
function checkReadings(lines: readonly SampleLine[]): void {
  const readings = lines.filter((line) => line.kind === 'readings');
  assert.equal(readings.length, 3);
  const held = readings.find(({ subject }) => subject === 'pollcost http private table 5 connections');
  assert.deepEqual(held?.factors, {
    ...{ series: 'pollcost', app: 'http', fileTable: 'private', connections: 5 },
  });
  assert.equal(held?.tcpStates?.LISTEN, 1);
  // The kernel may not be through yet with what autocannon has closed.
  assert.ok((held?.tcpStates?.ESTABLISHED ?? 0) >= 5);
  for (const name of ['threadCpuNs', 'processCpuNs', 'senderCpuNs', 'residentBytes', 'voluntarySwitches']) {
    assert.ok((held?.values[name] ?? 0) > 0, name);
  }
  assert.equal(lines.at(-1)?.kind, 'round', 'the round line closes them');
}

test('a window with fewer connections than its server can have holds just those, whichever came before', async () => {
  const builder = new ServerPlanBuilder(context, 'server');
  const group = builder.group(1, 3);
  for (const series of ['pollcost', 'pollcost-again'] as const)
    builder.add(group, series, 'poll', { ...closed, idle: 20, most: 60 });
  builder.add(group, 'pollcost', 'select', { ...closed, idle: 40, most: 60 });
  const { lines, failures } = await run({ open: openServers }, builder.plan([]));
  assert.deepEqual(failures, []);
  const samples = lines.filter((line) => line.kind === 'sample');
  assert.equal(samples.length, 9);
  for (const { metrics, cell } of samples) assert.equal(metrics.errors, 0, cell);
  for (const line of lines.filter(({ kind }) => kind === 'readings')) {
    const established = line.kind === 'readings' ? (line.tcpStates?.ESTABLISHED ?? 0) : 0;
    // Beside those that are held, the kernel may not be through yet with what autocannon has closed.
    const isHeld = (held: number) => established >= held && established < held + 20;
    assert.ok(isHeld(20) || isHeld(40), `${established} connections`);
  }
});

test('pollers that take turns share a window and its speed, each has its own requests, and none is made again alone', async () => {
  const builder = new ServerPlanBuilder(context, 'server');
  const group = builder.group(1, 1);
  for (const connections of [0, 5]) {
    const point = { ...closed, idle: connections, most: 15, ms: 200, turnMs: 10 };
    for (const poller of ['select', 'epoll'] as const) builder.add(group, 'pollcost', poller, point);
    builder.add(group, 'pollcost-again', 'epoll', point);
  }
  const beyondAnyCore = { ns: 0.01, from: 0.009, to: 0.013 };
  const { lines, failures } = await run({ open: openServers }, builder.plan([]), beyondAnyCore);
  assert.deepEqual(failures, []);
  const samples = lines.filter((line) => line.kind === 'sample');
  assert.equal(samples.length, 6);
  for (const idle of [0, 5]) {
    const together = samples.filter(({ cell }) => cell.includes(`idle=${idle},`));
    assert.equal(together.length, 3);
    assert.equal(new Set(together.map(({ speed }) => JSON.stringify(speed))).size, 1);
    for (const { cell, metrics, turns } of together) {
      assert.equal(metrics.errors, 0, cell);
      assert.ok(turns > 0 && (metrics.cpuUsPerRequest ?? 0) > 0, cell);
      assert.ok((metrics.cpuShare ?? 2) <= 1, cell);
    }
  }
});

test('a window in which pollers take turns is one, though one of them has windows of its own elsewhere', async () => {
  const builder = new ServerPlanBuilder(context, 'server');
  const alone = builder.group(1, 1);
  const together = builder.group(1, 1);
  const point = { ...closed, idle: 0 };
  builder.add(alone, 'pollcost', 'epoll', point);
  for (const poller of ['select', 'epoll'] as const)
    builder.add(together, 'pollcost', poller, { ...point, most: 15, turnMs: 10 });
  const { lines, failures } = await run({ open: openServers }, builder.plan([]));
  assert.deepEqual(failures, []);
  const ofLaunch = (launch: number) =>
    lines.flatMap((line) => (line.kind === 'sample' && line.launch === launch ? [line] : []));
  assert.ok((ofLaunch(0)[0]?.metrics.latencyP50Us ?? 0) > 0, 'latencies are those of a window of its own');
  const [first, second, ...more] = ofLaunch(1);
  assert.deepEqual(more, []);
  assert.deepEqual(first?.speed, second?.speed);
  for (const sample of [first, second]) {
    assert.ok((sample?.metrics.cpuUsPerRequest ?? 0) > 0);
    assert.equal(sample?.metrics.latencyP50Us, undefined);
  }
});

test('a launch starts the servers that it visits and no others', async () => {
  const builder = new ServerPlanBuilder(context, 'server');
  const group = builder.group(1, 1);
  for (const idle of [5, 6]) builder.add(group, 'pollcost', 'poll', { ...open, idle });
  const plan = builder.plan([]);
  const [launch] = plan.launches;
  assert.ok(launch && launch.setting.subjects.length === 2);
  const before = childrenOf(process.pid);
  const session = await openServers({ ...launch, visits: [0] }, plan);
  try {
    const started = childrenOf(process.pid).filter((pid) => !before.includes(pid));
    const servers = started.filter((pid) => programOf(pid).includes('/processes/server/'));
    assert.equal(servers.length, 1);
  } finally {
    await session.end();
  }
});

for (const [who, reason] of [
  ['server', /^server: ended with SIGKILL/],
  ['herd', /^herd: ended with SIGKILL/],
  ['active', /^autocannon: ended with SIGKILL/],
] as const) {
  test(`a killed ${who} fails its launch only, with the reason, and leaves no process`, async () => {
    let launches = 0;
    const family: number[] = [];
    const experiment: Pick<typeof server, 'open'> = {
      async open(launch, plan) {
        const before = new Set(childrenOf(process.pid));
        const session = await openServers(launch, plan);
        const started = childrenOf(process.pid).filter((pid) => !before.has(pid));
        family.push(...started);
        if (launches++ === 0) {
          const victim = started.find((pid) => programOf(pid).includes(`/processes/${who}/`));
          assert.ok(victim);
          setTimeout(() => process.kill(victim, 'SIGKILL'), 30);
        }
        return session;
      },
    };
    const { lines, failures } = await run(experiment, plannedTwice());
    assert.equal(failures.length, 1);
    assert.equal(failures[0]?.launch, 0);
    assert.match(failures[0]?.reason ?? '', reason);
    const rounds = lines.filter((line) => line.kind === 'round');
    assert.deepEqual(
      rounds.map(({ launch }) => launch),
      [1],
    );
    await untilGone(...family);
  });
}

test('a server that has no room for all connections fails its launch and says so', async () => {
  const builder = new ServerPlanBuilder(plantedContext({ fds: 2 ** 20 }), 'server');
  const group = builder.group(1, 1);
  builder.add(group, 'pollcost', 'epoll', { ...closed, idle: 500_000 });
  const { failures } = await run({ open: openServers }, builder.plan([]));
  assert.match(failures[0]?.reason ?? '', /^herd: 500000 connections do not fit/);
});

test('a herd that dies while nobody asks it anything is noticed', async () => {
  const plan = idle.plan(plantedContext({ connections: [5], pollers: ['poll'] }));
  const { failures, lines } = await run(
    {
      async open(launch, of) {
        const before = new Set(childrenOf(process.pid));
        const session = await idle.open(launch, of);
        const herd = childrenOf(process.pid).find(
          (pid) => !before.has(pid) && programOf(pid).includes('/processes/herd/'),
        );
        assert.ok(herd);
        process.kill(herd, 'SIGKILL');
        return session;
      },
    },
    plan,
  );
  assert.match(failures[0]?.reason ?? '', /^herd: ended with SIGKILL/);
  assert.deepEqual(lines, []);
});

test('an idle server sleeps under every poller but busy', async () => {
  const plan = idle.plan(
    plantedContext({ connections: [5], pollers: ['select', 'poll', 'epoll', 'epoll-et'] }),
  );
  const { lines, failures } = await run(idle, plan);
  assert.deepEqual(failures, []);
  const samples = lines.filter((line) => line.kind === 'sample');
  const due = plan.launches.flatMap(({ rounds, visits, every }) =>
    visits.map((visit) => Math.ceil(rounds / (every?.[visit] ?? 1))),
  );
  assert.equal(
    samples.length,
    due.reduce((sum, rounds) => sum + rounds, 0),
  );
  assert.equal(new Set(samples.map(({ cell }) => cell)).size, plan.visits.length);
  for (const { cell, metrics, speed } of samples) {
    assert.ok(speed?.during && speed.during.length > 0, `no speed was read during a window of ${cell}`);
    const isBusy = cell.startsWith('idle/busy/');
    assert.equal((metrics.cpuShare ?? 0) > 0.5, isBusy, `${metrics.cpuShare} of ${cell}`);
    if (!isBusy) assert.ok((metrics.wakeupsPerSecond ?? 1e9) < 100, cell);
  }
  // Those that sleep rest side by side, those that do not one after the other.
  const windows = new Set(samples.map(({ launch, speed }) => `${launch} ${JSON.stringify(speed)}`));
  const busyCells = plan.visits.filter(({ poller }) => poller === 'busy').length;
  const pollers = new Set(plan.visits.map(({ poller }) => poller)).size;
  const expected = (busyCells + pollers - 1) * plan.launches.length;
  assert.equal(windows.size, expected);
});
