import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PollerName } from '../../pollers/manifest.js';
import { factsUnder, plantedFacts } from '../doctor/testing/planted-machine.js';
import { wakesIn } from '../processes/turn-probe/protocol.js';
import { cellIdOf, secondsIn, secondsOf, stepsOf } from '../run/plan.js';
import type { Experiment, PlanContext } from './experiment.js';
import { fewSockets } from './few-sockets.js';
import { readyFds } from './ready-fds.js';
import { temperature } from './temperature.js';
import type { TurnExperiment } from './turn-experiment.js';
import { watchedFds } from './watched-fds.js';
import { workloadGrid } from './workload-grid.js';

/** Which cells the experiments on turns have; planned, not measured. */

const context = (changes: Partial<PlanContext> = {}): PlanContext => ({
  profile: 'standard',
  pollers: ['select', 'select-wide', 'poll', 'epoll'],
  connections: null,
  probe: {
    ...plantedFacts,
    pollers: {
      ...plantedFacts.pollers,
      'epoll-et': { maxFd: 2 ** 31 - 1, blocks: true, trigger: 'edge', scansAll: false, call: 'epoll' },
    },
  },
  cpus: { subject: 1, load: 0 },
  ...changes,
});

/** Ids of all cells with the reasons of those that are skipped. */
function cellsOf(
  experiment: Experiment,
  changes: Partial<PlanContext> = {},
): Map<string, string | undefined> {
  const plan = experiment.plan(context(changes));
  return new Map(
    plan.visits.flatMap((visit) =>
      visit.series.map(({ name, skip }) => [cellIdOf(plan, visit, name), skip] as const),
    ),
  );
}

const TAIL = 'wakesPerSecond=0,temperature=hot,fileTable=private,socket=tcp';
const has = (cells: Map<string, string | undefined>, id: string) => assert.ok(cells.has(id), id);

test('few-sockets: nine conditions for each count and poller, in JavaScript and in C', () => {
  const cells = cellsOf(fewSockets);
  const ids = [...cells.keys()].filter((id) => !id.includes('pollcost-again'));
  assert.equal(ids.length, 13 * 9 * 3 * 2);
  assert.deepEqual([...cells.values()].filter(Boolean), []);
  has(
    cells,
    `few-sockets/select/c-twin/watched=9,ready=1,position=last,timeout=finite,${TAIL},life=standing,churnPer100=100,instance=kept`,
  );
  has(
    cells,
    `few-sockets/epoll/pollcost-again/watched=10,ready=0,position=none,timeout=zero,${TAIL},life=standing,churnPer100=0,instance=kept`,
  );
  const quick = cellsOf(fewSockets, { profile: 'quick' });
  const counts = new Set([...quick.keys()].map((id) => /watched=(\d+)/.exec(id)?.[1]));
  assert.deepEqual([...counts], ['1', '2', '4', '6', '8', '10', '16']);
});

test('ready-fds: the sweep in every life, all ready as far as the fds reach, edge trigger where it is consumed', () => {
  const cells = cellsOf(readyFds, { pollers: ['select', 'epoll', 'epoll-et'] });
  const id = (poller: PollerName, watched: number, ready: number, life: string) =>
    `ready-fds/${poller}/pollcost/watched=${watched},ready=${ready},position=${
      ready === 0 ? 'none' : ready === 1 ? 'last' : 'even'
    },timeout=zero,${TAIL},life=${life},churnPer100=0,instance=kept`;
  for (const [watched, ready] of [
    [200, 0],
    [200, 1],
    [200, 100],
    [100, 100],
    [1000, 1000],
    [4000, 4000],
  ] as const)
    has(cells, id('epoll', watched, ready, 'standing'));
  const thorough = cellsOf(readyFds, { profile: 'thorough', pollers: ['epoll'] });
  for (const life of ['consumed-same', 'consumed-rotating']) {
    has(cells, id('epoll', 1000, 100, life));
    assert.ok(!cells.has(id('epoll', 1000, 500, life)), 'so many messages are for thorough');
    has(thorough, id('epoll', 1000, 500, life));
    assert.equal(cells.get(id('epoll-et', 1000, 100, life)), undefined);
    assert.ok(!cells.has(id('epoll', 200, 0, life)));
    assert.ok(!cells.has(id('epoll', 4000, 4000, life)));
  }
  assert.match(
    cells.get(id('epoll-et', 200, 100, 'standing')) ?? '',
    /only once to an edge-triggered poller/,
  );
  assert.match(cells.get(id('select', 1000, 10, 'standing')) ?? '', /fd 1031 is above 1023/);
  const small = cellsOf(readyFds, { probe: factsUnder(1024) });
  assert.ok(![...small.keys()].some((cell) => cell.includes('watched=1000')));
  has(small, id('epoll', 480, 480, 'standing'));
});

test('ready-fds quick has what its claims need, and counts that are asked for replace its own', () => {
  const cells = [...cellsOf(readyFds, { profile: 'quick' }).keys()].join('\n');
  for (const pair of ['200,ready=100', '100,ready=100', '200,ready=0', '200,ready=10', '500,ready=500'])
    assert.ok(cells.includes(`watched=${pair}`), pair);
  const asked = [...cellsOf(readyFds, { connections: [30] }).keys()];
  assert.ok(asked.every((id) => id.includes('watched=30,')));
});

test('what a line in N is fitted to has the same counts in quick as in standard: with fewer, the largest would bend it alone', () => {
  const counts = (experiment: TurnExperiment, profile: PlanContext['profile']) =>
    experiment
      .plan(context({ profile }))
      .visits.filter(({ poller, series }) => poller === 'epoll' && series[0]?.name === 'pollcost')
      .map(({ conditions }) => conditions)
      .filter(({ watched, ready, timeout, life = 'standing' }) => {
        const isAsked = experiment === watchedFds ? ready === 0 : ready === watched && life === 'standing';
        return isAsked && timeout === 'zero' && watched >= 10 && watched <= 1000;
      })
      .map(({ watched }) => watched)
      .sort((a, b) => a - b);
  for (const experiment of [watchedFds, readyFds]) {
    assert.deepEqual([...new Set(counts(experiment, 'quick'))], [...new Set(counts(experiment, 'standard'))]);
    assert.ok(counts(experiment, 'quick').length >= 7);
  }
});

test('ready-fds standard measures what an idle fd costs beside ready ones, and the copies, in more launches than the rest', () => {
  const plan = readyFds.plan(context({ profile: 'standard' }));
  const launchesOf = (watched: number, ready: number) =>
    plan.visits.flatMap(({ poller, factors }, index) =>
      poller === 'epoll' &&
      factors.watched === watched &&
      factors.ready === ready &&
      factors.life === 'standing'
        ? [plan.launches.filter(({ visits }) => visits.includes(index)).length]
        : [],
    );
  for (const [watched, ready, visits] of [
    [200, 0, 2],
    [200, 100, 2],
    [100, 100, 1],
    [1000, 100, 1],
    [1000, 1000, 1],
  ] as const) {
    const launches = launchesOf(watched, ready);
    assert.equal(launches.length, visits);
    for (const count of launches) assert.equal(count, plan.launches.length);
  }
  for (const count of launchesOf(1000, 500)) assert.ok(count < plan.launches.length);
});

test('workload-grid: 24 workloads under each timeout, consumed and rotating', () => {
  const cells = cellsOf(workloadGrid, { pollers: ['poll', 'epoll'] });
  const ids = [...cells.keys()].filter((id) => id.includes('/pollcost/'));
  assert.equal(ids.length, 8 * 3 * 2 * 2);
  has(
    cells,
    `workload-grid/epoll/c-twin/watched=1000,ready=100,position=even,timeout=finite,${TAIL},life=consumed-rotating,churnPer100=1,instance=kept`,
  );
  has(
    cells,
    `workload-grid/poll/pollcost/watched=10,ready=1,position=last,timeout=zero,${TAIL},life=consumed-rotating,churnPer100=100,instance=kept`,
  );
});

test('workload-grid quick has the whole grid that its claim needs, each call once and as JavaScript pays it', () => {
  const ids = [...cellsOf(workloadGrid, { profile: 'quick' }).keys()];
  assert.equal(ids.filter((id) => id.includes('/pollcost/')).length, 8 * 3 * 2 * 3);
  assert.ok(!ids.some((id) => id.includes('/c-twin/') || id.includes('/select/')));
});

test('the second copy of the same code is a visit of its own, made in the same launches', () => {
  const plan = fewSockets.plan(context());
  const again = plan.visits.flatMap(({ series }, index) =>
    series.some(({ name }) => name === 'pollcost-again') ? [index] : [],
  );
  assert.ok(again.length > 0);
  for (const index of again) {
    assert.deepEqual(
      plan.visits[index]?.series.map(({ name }) => name),
      ['pollcost-again'],
    );
    for (const { visits } of plan.launches) assert.ok(visits.includes(index));
  }
});

test('few-sockets and workload-grid: what has copies is made three times where the rest is made once; without copies, once', () => {
  for (const experiment of [fewSockets, workloadGrid])
    for (const profile of ['quick', 'standard'] as const) {
      const plan = experiment.plan(context({ profile }));
      const copied = new Set(
        plan.visits
          .filter(({ series }) => series.some(({ name }) => name === 'pollcost-again'))
          .map(({ poller, factors }) => JSON.stringify({ poller, factors })),
      );
      assert.ok(copied.size > 0);
      for (const [launch, { rounds, visits, every }] of plan.launches.entries()) {
        const isCopied = (index: number) => {
          const { poller, factors } = plan.visits[index] as (typeof plan.visits)[number];
          return copied.has(JSON.stringify({ poller, factors }));
        };
        assert.equal(rounds, visits.some(isCopied) ? 3 : 1);
        for (const index of visits)
          assert.equal(every?.[index] ?? 1, isCopied(index) ? 1 : rounds, `${index}`);
        let seconds = 0;
        for (let round = 0; round < rounds; round++) {
          assert.ok(stepsOf(plan, 1, launch, round).length > 0);
          seconds += secondsIn(plan, launch, round);
        }
        const { secondsPerRound } = plan.launches[launch] as (typeof plan.launches)[number];
        assert.ok(Math.abs(seconds - rounds * secondsPerRound) < 1e-9);
      }
      assert.ok(plan.launches.some(({ rounds }) => rounds === 3));
      if (plan.launches[0]?.every)
        assert.ok(
          secondsIn(plan, 0, 0) > 5 * secondsIn(plan, 0, 1),
          'the first round is not held to the mean',
        );
      const asked = experiment.plan(context({ profile, connections: [30] }));
      assert.ok(asked.launches.every(({ rounds, every }) => rounds === 1 && every === undefined));
    }
});

test('watched-fds: how cost grows with silent fds is measured in every launch, as the lines are, and what takes long in fewer', () => {
  for (const profile of ['quick', 'standard'] as const) {
    const plan = watchedFds.plan(context({ profile }));
    for (const [index, { conditions, factors, series }] of plan.visits.entries()) {
      if (series.every(({ skip }) => skip !== undefined)) continue;
      const { watched, ready, timeout } = conditions;
      const launches = plan.launches.filter(({ visits }) => visits.includes(index)).length;
      const grows = ready === 1 && timeout === 'zero' && (watched === 1 || watched === 1000);
      if (factors.socket === 'tcp' && (grows || ready === 0))
        assert.equal(launches, plan.launches.filter(({ setting }) => setting.socket === 'tcp').length);
      if (timeout === 'slept') assert.ok(launches < plan.launches.length);
    }
  }
});

test('ready-fds: what claims say is of epoll; pollers that look at every fd have fewer launches where these have many, but for the copies', () => {
  for (const [profile, ofLine, scanners] of [
    ['quick', 8, 4],
    ['standard', 5, 5],
  ] as const) {
    const plan = readyFds.plan(context({ profile }));
    for (const [index, { poller, series, conditions }] of plan.visits.entries()) {
      const { watched, ready, life = 'standing' } = conditions;
      if (life !== 'standing' || watched !== ready || watched > 1000) continue;
      if (series.every(({ skip }) => skip !== undefined)) continue;
      const launches = plan.launches.filter(({ visits }) => visits.includes(index)).length;
      const ofEpoll = [100, 1000].includes(watched) ? plan.launches.length : ofLine;
      assert.equal(launches, poller === 'epoll' ? ofEpoll : scanners, `${poller} ${watched}`);
    }
    const copies = plan.visits.flatMap(({ series }, index) =>
      series[0]?.name === 'pollcost-again' && series[0].skip === undefined ? [index] : [],
    );
    assert.ok(copies.length > 0);
    for (const { visits } of plan.launches) assert.ok(copies.every((index) => visits.includes(index)));
  }
});

test('temperature: hot, cold and slept at each rate; what sleeps has no twin', () => {
  const cells = cellsOf(temperature, { pollers: ['epoll'] });
  const id = (series: string, timeout: string, wakes: number, how: string) =>
    `temperature/epoll/${series}/watched=1000,ready=1,position=last,timeout=${timeout},wakesPerSecond=${wakes},temperature=${how},fileTable=private,socket=tcp`;
  for (const series of ['pollcost', 'c-twin']) {
    has(cells, id(series, 'zero', 0, 'hot'));
    has(cells, id(series, 'zero', 0, 'cold'));
  }
  for (const wakes of [50, 2000, 8000, 16_000]) {
    has(cells, id('pollcost', 'slept', wakes, 'hot'));
    assert.ok(!cells.has(id('c-twin', 'slept', wakes, 'hot')));
  }
});

test('temperature: hot turns, of which copies are compared, are made in every round, what is cold or sleeps once in a launch', () => {
  for (const profile of ['quick', 'standard'] as const) {
    const plan = temperature.plan(context({ profile }));
    for (const launch of plan.launches)
      for (const index of launch.visits) {
        const { factors } = plan.visits[index] as (typeof plan.visits)[number];
        const isHot = factors.timeout === 'zero' && factors.temperature === 'hot';
        assert.equal(launch.every?.[index] ?? 1, isHot ? 1 : launch.rounds, JSON.stringify(factors));
      }
    const each = plan.launches.map(
      ({ visits, every, rounds }) =>
        visits.reduce(
          (sum, index) =>
            sum + (plan.secondsOfVisits?.[index] ?? 0) * Math.ceil(rounds / (every?.[index] ?? 1)),
          0,
        ) / rounds,
    );
    plan.launches.forEach(({ secondsPerRound }, at) => {
      assert.ok(Math.abs(secondsPerRound - (each[at] ?? 0)) < 1e-9, 'its rounds take that on average');
    });
  }
});

test('a turn that looks at every fd is not said to sleep between wake-ups that come faster than it ends', () => {
  const cells = cellsOf(temperature, { pollers: ['poll', 'epoll'] });
  const reason = (poller: string, watched: number, wakes: number) =>
    cells.get(
      `temperature/${poller}/pollcost/watched=${watched},ready=1,position=last,timeout=slept,wakesPerSecond=${wakes},temperature=hot,fileTable=private,socket=tcp`,
    );
  assert.match(reason('poll', 1000, 8000) ?? '', /1000 fds leave no time to sleep between 8000 wake-ups/);
  assert.match(reason('poll', 100, 16_000) ?? '', /no time to sleep/);
  for (const [watched, wakes] of [
    [1, 16_000],
    [100, 8000],
    [1000, 2000],
  ] as const)
    assert.equal(reason('poll', watched, wakes), undefined);
  for (const watched of [1, 100, 1000]) assert.equal(reason('epoll', watched, 16_000), undefined);
});

test('with watched-fds or ready-fds held out of a cost model, the other still has many idle fds', () => {
  const idle = (experiment: TurnExperiment) =>
    experiment
      .plan(context({ profile: 'standard' }))
      .visits.map(({ conditions }) => conditions)
      .filter(({ watched, ready, timeout }) => ready === 0 && timeout === 'zero' && watched <= 1000)
      .map(({ watched }) => watched);
  const left = (of: TurnExperiment, out: TurnExperiment) =>
    idle(of).filter((count) =>
      idle(out).every((other) => Math.abs(count - other) > 0.15 * Math.max(count, other)),
    );
  assert.deepEqual([...new Set(left(readyFds, watchedFds))], [840]);
  assert.deepEqual(new Set(left(watchedFds, readyFds)).has(700), true);
});

test('a rare wake-up is waited for a few times, and a frequent one not for longer than it takes to know it', () => {
  assert.deepEqual(
    [50, 500, 2000, 16_000].map((rate) => wakesIn(30, rate)),
    [4, 15, 60, 120],
  );
});

test('every one of them plans launches of several processes within its time', () => {
  for (const [experiment, seconds] of [
    [readyFds, [7, 16, 90]],
    [fewSockets, [6, 15, 90]],
    [workloadGrid, [9, 25, 240]],
    [temperature, [2, 9, 60]],
  ] as const) {
    for (const [at, profile] of (['quick', 'standard', 'thorough'] as const).entries()) {
      const plan = experiment.plan(context({ profile }));
      assert.ok(plan.launches.length >= 2, `${experiment.id} ${profile}`);
      const planned = secondsOf(plan);
      assert.ok(planned <= 1.25 * (seconds[at] ?? 0), `${experiment.id} ${profile}: ${planned} s`);
    }
  }
});
