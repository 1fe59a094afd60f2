import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PollerName } from '../../pollers/manifest.js';
import { Evidence } from '../claims/evidence.js';
import { judge } from '../claims/judge.js';
import { claims } from '../claims/registry.js';
import type { Experiment, ExperimentPlan, PlanContext } from '../experiments/experiment.js';
import { highestFd } from '../experiments/highest-fd.js';
import { openTurnSession } from '../experiments/turn-experiment.js';
import { watchedFds } from '../experiments/watched-fds.js';
import { Child } from '../processes/control/parent.js';
import type { ProbeProtocol } from '../processes/turn-probe/protocol.js';
import type { Plant } from '../processes/turn-probe/testing/planted-poller.js';
import type { Run } from '../results/run-schema.js';
import { fitLineInterval } from '../statistics/fit-intervals.js';
import { runExperiment } from './runner.js';
import { SampleStore } from './sample-store.js';
import { noiseOf, summarise } from './summary.js';

/**
 * The machinery on pollers whose costs are planted: probe, statistics and claims must find what was planted, under
 * whatever name it comes.
 */

type Plants = Partial<Record<PollerName, Plant>>;
const SEED = 7;
const free: Plant = {
  perCall: 1500,
  perWatched: 0,
  perReady: 0,
  perFdNumber: 0,
  bytes: 0,
  bytesPerWatched: 0,
};

const startPlanted = (plants: Plants) =>
  new Child<ProbeProtocol>(
    'planted probe',
    new URL('../processes/turn-probe/testing/main.js', import.meta.url),
    [JSON.stringify(plants)],
  );

async function measure(experiment: Experiment, plants: Plants, connections: number[] | null) {
  const start = () => startPlanted(plants);
  const asked = start();
  const probe = await asked.request('start', { cpu: null, fileTable: 'private', twin: false }, 20_000);
  await asked.end();
  const pollers = Object.keys(plants) as PollerName[];
  const context: PlanContext = { profile: 'quick', pollers, connections, probe, cpus: null };
  const plan = shortened(experiment.plan(context));
  const store = new SampleStore();
  const planted = { ...experiment, open: (launch: never, of: never) => openTurnSession(launch, of, start) };
  const { failures } = await runExperiment(planted as Experiment, plan, {
    seed: SEED,
    subjectCpu: null,
    record: (lines) => store.add(lines),
    advance: () => {},
    isDone: () => false,
    fullSpeed: () => store.fullSpeed,
    stop: new AbortController().signal,
  });
  assert.deepEqual(failures, []);
  const cells = summarise(plan, store, SEED, undefined);
  const experiments = [{ id: plan.id, status: 'completed', rounds: 1, launches: 1, seconds: 1 }];
  const noise = { ...noiseOf(cells, store), flaggedRounds: 0 };
  return {
    evidence: new Evidence({ seed: SEED, cells, experiments, noise } as unknown as Run, store, {
      connections: null,
      pollers: [],
    }),
    store,
    cells,
  };
}

/** What is planted lies far from any limit. */
const LAUNCHES = 4;

/** What sleeps needs no planting here. */
const shortened = (plan: ExperimentPlan): ExperimentPlan => ({
  ...plan,
  launches: plan.launches.slice(0, LAUNCHES).map((launch) => ({
    ...launch,
    setting: { ...launch.setting, pinger: false },
    visits: launch.visits.filter((index) => plan.visits[index]?.factors.timeout !== 'slept'),
  })),
});

function verdict(id: string, evidence: Evidence): string {
  const claim = claims.find((definition) => definition.id === id);
  assert.ok(claim);
  return judge(claim, evidence).verdict;
}

const MOST_TRIES = 8;

/** What is judged of planted pollers. A neighbour on the CPU leaves it undecided now and then, and turns none round. */
async function decided(id: string, experiment: Experiment, plants: Plants, connections: number[] | null) {
  for (let tries = 1; ; tries++) {
    const { evidence } = await measure(experiment, plants, connections);
    const found = verdict(id, evidence);
    if (found !== 'undecided' || tries === MOST_TRIES) return found;
  }
}

const paysForAll: Plant = { ...free, perWatched: 60 };
const COUNTS = [1, 100, 1000];

test('planted growth is found, and swapping two labels flips the verdict', async () => {
  const honest = { 'select-wide': paysForAll, poll: paysForAll, epoll: free };
  assert.equal(await decided('idle-is-free', watchedFds, honest, COUNTS), 'holds');
  const swapped = { 'select-wide': paysForAll, poll: free, epoll: paysForAll };
  assert.equal(await decided('idle-is-free', watchedFds, swapped, COUNTS), 'fails');
});

test('planted costs per call, per watched fd and per ready fd come out of the fit with their size', async () => {
  const plant: Plant = { ...free, perCall: 3000, perWatched: 40, perReady: 2500 };
  const { evidence } = await measure(
    watchedFds,
    { poll: plant, epoll: { ...free, perCall: 3000 } },
    [1, 100, 500],
  );
  const cells = (poller: string, ready: number) =>
    [1, 100, 500].map((watched) =>
      evidence.cell({ experiment: 'watched-fds', poller, factors: { watched, ready, timeout: 'zero' } }),
    );
  const line = (poller: string, ready: number) => {
    const measured = cells(poller, ready);
    const rounds = evidence.rounds('cpuNsPerTurn', measured);
    const points = measured.map(({ factors }, index) => ({
      x: Number(factors.watched),
      y: rounds[index] ?? [],
    }));
    return fitLineInterval(points, { seed: SEED });
  };
  const within = (found: number, planted: number, share: number, what: string) =>
    assert.ok(Math.abs(found - planted) <= share * planted, `${what}: planted ${planted}, found ${found}`);
  const idle = line('poll', 0);
  const ready = line('poll', 1);
  within(idle.slope.value, 40, 0.1, 'per watched fd');
  within(idle.intercept.value, 3000, 0.15, 'per call');
  within(ready.intercept.value - idle.intercept.value, 2500, 0.15, 'per ready fd');
  const flat = line('epoll', 0);
  assert.ok(
    flat.slope.low <= 0.5 && flat.slope.high < 4,
    `nothing planted, found ${flat.slope.value} per fd`,
  );
});

test('a cost by the highest fd number, planted, is found; without it the claim fails', async () => {
  const doubling: Plant = { ...free, perCall: 0, perFdNumber: 40 };
  const planted = { select: doubling, poll: free, epoll: free };
  assert.equal(await decided('highest-fd', highestFd, planted, null), 'holds');
  const plain = { select: free, poll: doubling, epoll: free };
  assert.equal(await decided('highest-fd', highestFd, plain, null), 'fails');
});

test('planted bytes come out with their size, and under the label that they were planted', async () => {
  const probe = startPlanted({
    poll: { ...free, bytes: 512, bytesPerWatched: 8 },
    epoll: { ...free, bytes: 9000, bytesPerWatched: 20 },
  });
  await probe.request('start', { cpu: null, fileTable: 'private', twin: false }, 20_000);
  await probe.request('open', { socket: 'unix', size: 300 }, 20_000);
  for (const [poller, base, perFd] of [
    ['poll', 512, 8],
    ['epoll', 9000, 20],
  ] as const) {
    const points = [];
    for (const watched of [1, 10, 100, 300]) {
      const { bytes } = await probe.request('userBytes', { poller, watched }, 20_000);
      points.push({ x: watched, y: [[bytes], [bytes], [bytes]] });
    }
    const { slope, intercept } = fitLineInterval(points, { seed: SEED });
    assert.ok(Math.abs(slope.value - perFd) < 1e-6, `${poller}: ${slope.value} bytes a fd`);
    assert.ok(Math.abs(intercept.value - base) < 1e-6, `${poller}: ${intercept.value} bytes`);
  }
  await probe.end();
});
