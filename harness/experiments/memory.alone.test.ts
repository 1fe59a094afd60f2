import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slabinfoIsReadable } from '../collectors/environment.js';
import { pageBytes } from '../collectors/free-pages.js';
import type { Cell, Figure } from '../results/run-schema.js';
import { contextOf } from '../run/plan-context.js';
import { median } from '../statistics/median.js';
import type { ExperimentPlan, PlanContext, SessionSample } from './experiment.js';
import { disagreements, memory } from './memory.js';

const LOWEST = 32;
const MOST_SESSIONS = 20;

const asked = (connections: readonly number[] | null, pollers: PlanContext['pollers']) =>
  contextOf({ profile: 'standard', pollers, connections });

const visitsOf = (plan: ExperimentPlan, poller: string, source: string) =>
  plan.visits.filter((visit) => visit.poller === poller && visit.factors.source === source);

test("a poller that does not say what it waits with has no ledger, least of all another's", async () => {
  const context = await asked(null, ['poll']);
  const poll = context.probe.pollers.poll;
  assert.ok(poll);
  const probe = { ...context.probe, pollers: { mine: { ...poll, call: null } } };
  const plan = memory.plan({ ...context, pollers: ['mine'], probe });
  assert.ok(plan.visits.length > 0);
  for (const { series } of plan.visits)
    assert.match(series[0]?.skip ?? '', /does not say what it waits with/);
  assert.deepEqual(plan.launches, []);
});

test('the plan: few sockets and far numbers are computed, many are read, and each skip has its reason', async () => {
  const context = await asked(null, ['busy', 'select', 'poll', 'epoll']);
  const plan = memory.plan(context);
  const counts = (poller: string, source: string) =>
    visitsOf(plan, poller, source).map(({ factors }) => Number(factors.watched));
  for (let few = 1; few <= 16; few++) assert.ok(counts('epoll', 'computed').includes(few));
  assert.ok(counts('epoll', 'read').every((count) => count >= 500));
  assert.deepEqual(counts('select', 'read').slice(0, 2), [9, 10], 'before and after the first page');
  assert.equal(counts('select', 'read').at(-1), 1024 - LOWEST, 'as many as select can watch');
  const numbers = visitsOf(plan, 'select', 'computed')
    .filter(({ factors }) => factors.watched === 1)
    .map(({ factors, series }) => [factors.highestFd, series[0]?.skip]);
  assert.deepEqual(numbers.slice(0, 2), [
    [LOWEST, undefined],
    [1023, undefined],
  ]);
  for (const [number, skip] of numbers.slice(2)) assert.match(String(skip), /no fd above 1023/, `${number}`);
  for (const { series } of visitsOf(plan, 'busy', 'read'))
    assert.match(series[0]?.skip ?? '', /never sleeps/);
  for (const { visits } of plan.launches)
    for (const index of visits) assert.equal(plan.visits[index]?.series[0]?.skip, undefined);
});

test('the numbers of connections can be chosen, and those that cannot be had are refused', async () => {
  const plan = memory.plan(await asked([10, 600], ['poll']));
  const counts = visitsOf(plan, 'poll', 'computed').filter(({ factors }) => Number(factors.highestFd) < 1000);
  assert.deepEqual(
    counts.map(({ factors }) => factors.watched),
    [10, 600],
  );
  assert.deepEqual(
    visitsOf(plan, 'poll', 'read').map(({ factors }) => factors.watched),
    [10, 600],
  );
  const context = await asked([10_000_000], ['poll']);
  assert.throws(() => memory.plan(context), /more than this process may hold/);
});

type Samples = ReadonlyMap<string, readonly SessionSample[]>;

/** So many rounds of every visit of the plan that matches, in one session: the samples of each poller. */
async function sampled(plan: ReturnType<typeof memory.plan>, source: string, rounds = 1): Promise<Samples> {
  const launch = plan.launches.find(({ visits }) =>
    visits.some((index) => plan.visits[index]?.factors.source === source),
  );
  assert.ok(launch);
  const session = await memory.open(launch, plan);
  try {
    const steps = launch.visits
      .filter((visit) => plan.visits[visit]?.factors.source === source)
      .map((visit) => ({ visit, series: ['pollcost'] as const }));
    const taken: SessionSample[] = [];
    for (let seed = 1; seed <= rounds; seed++) {
      taken.push(...(await session.round(steps, 60_000, seed)).samples);
    }
    const pollerOf = ({ visit }: SessionSample) => plan.visits[visit]?.poller ?? '';
    return new Map(taken.map((one) => [pollerOf(one), taken.filter((other) => other.visit === one.visit)]));
  } finally {
    await session.end();
  }
}

test('computed: exact, and what the poller has of its own is its exact rest', async () => {
  const plan = memory.plan(await asked([10], ['busy', 'select', 'poll', 'epoll']));
  const pooled = { ...plan, launches: plan.launches.slice(1) };
  const samples = await sampled(pooled, 'computed');
  const found = new Map([...samples].map(([poller, [only]]) => [poller, only?.metrics ?? {}]));
  assert.deepEqual(
    ['busy', 'select', 'poll'].map((poller) => found.get(poller)?.userBytes),
    [80, 8, 80],
  );
  assert.deepEqual(
    ['busy', 'select', 'poll', 'epoll'].map((poller) => found.get(poller)?.kernelBlockedBytes),
    [0, 4096, 4096, 0],
  );
  assert.ok(Number(found.get('epoll')?.kernelPersistentBytes) > 10 * 200);
  for (const metrics of found.values()) {
    assert.deepEqual(Object.keys(metrics).sort(), [
      'kernelBlockedBytes',
      'kernelPersistentBytes',
      'socketBytes',
      'userBytes',
      'userCopyBytes',
    ]);
    assert.ok(Number(metrics.userCopyBytes) > 0);
  }
});

test('read: the tenth socket takes a page while select sleeps, and nothing else is read of so few', async (t) => {
  if (!slabinfoIsReadable()) {
    t.skip('only root may read /proc/slabinfo');
    return;
  }
  const blockedAt = async (count: number) => {
    const plan = memory.plan(await asked([count], ['select']));
    const taken: number[] = [];
    // Other processes take pages meanwhile, too: the more samples, the less their median is moved.
    for (let session = 0; session < 3; session++) {
      for (const { metrics } of (await sampled(plan, 'read', 5)).get('select') ?? []) {
        assert.deepEqual(Object.keys(metrics).sort(), ['kernelBlockedBytes', 'userBytes', 'userCopyBytes']);
        taken.push(Number(metrics.kernelBlockedBytes));
      }
    }
    return median(taken);
  };
  for (let attempt = 1; ; attempt++) {
    const difference = (await blockedAt(10)) - (await blockedAt(9));
    if (difference === pageBytes()) return;
    assert.ok(attempt < MOST_SESSIONS, `the tenth socket took ${difference} bytes`);
  }
});

test('read: pages while select and poll sleep, slabs as long as epoll watches', async (t) => {
  if (!slabinfoIsReadable()) {
    t.skip('only root may read /proc/slabinfo');
    return;
  }
  const plan = memory.plan(await asked([3000], ['select-wide', 'poll', 'epoll']));
  const pages = 4096 * Math.ceil(2991 / 63);
  const limits = [
    ['select-wide', 'kernelBlockedBytes', pages * 0.5, pages * 1.5],
    ['poll', 'kernelBlockedBytes', pages * 0.5, pages * 1.5],
    ['epoll', 'kernelBlockedBytes', -pages * 0.4, pages * 0.4],
    ['epoll', 'kernelPersistentBytes', 3000 * 150, 3000 * 300],
    ['poll', 'kernelPersistentBytes', -3000 * 50, 3000 * 50],
    ['epoll', 'socketBytes', 3000 * 5000, 3000 * 10_000],
  ] as const;
  // Other processes take and free memory meanwhile, each of which spoils a round or a session: the more there are, the
  // less their medians are moved. Wide limits: the kernel's own habits differ.
  const taken = new Map<string, SessionSample[]>();
  const outside = () =>
    limits.flatMap(([poller, metric, from, to]) => {
      const value = median((taken.get(poller) ?? []).map(({ metrics }) => Number(metrics[metric])));
      return value >= from && value <= to
        ? []
        : [`${metric} of ${poller}: ${value} is not in ${from}..${to}`];
    });
  for (let session = 0; session < MOST_SESSIONS && (session < 2 || outside().length > 0); session++) {
    for (const [poller, samples] of await sampled(plan, 'read', 3)) {
      taken.set(poller, [...(taken.get(poller) ?? []), ...samples]);
    }
  }
  assert.deepEqual(outside(), []);
});

const figure = (value: number): Figure => ({
  value,
  low: value,
  high: value,
  unit: 'bytes',
  n: 4,
  launches: 4,
});

const cell = (source: string, watched: number, blocked: number, persistent: number): Cell => ({
  id: `${source}/${watched}`,
  experiment: 'memory',
  poller: 'poll',
  series: 'pollcost',
  status: 'measured',
  flags: [],
  factors: { watched, highestFd: watched + 31, source },
  metrics: { kernelBlockedBytes: figure(blocked), kernelPersistentBytes: figure(persistent) },
});

test('columns that are more than 15 % apart are a warning that says where and by how much', () => {
  const both = (blocked: number, persistent: number, watched = 2000) => [
    cell('computed', watched, 100_000, 400_000),
    cell('read', watched, blocked, persistent),
  ];
  assert.deepEqual(disagreements(both(86_000, 459_000)), []);
  const [warning, ...more] = disagreements(both(84_000, 480_000));
  assert.equal(warning?.code, 'ledger-disagrees');
  assert.match(warning?.message ?? '', /kernelBlockedBytes of poll at 2000: read 84000, computed 100000/);
  assert.match(warning?.message ?? '', /kernelPersistentBytes of poll/);
  assert.deepEqual(more, []);
  assert.deepEqual(disagreements(both(100_000, 480_000, 1000)), [], 'few objects are not compared');
  assert.deepEqual(disagreements([cell('read', 2000, 1, 1)]), [], 'nor what has no other column');
});
