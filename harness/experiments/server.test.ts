import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellIdOf, secondsOf } from '../run/plan.js';
import type { ExperimentPlan, PlanContext } from './experiment.js';
import { idle } from './idle.js';
import { server } from './server.js';
import type { ServerConditions } from './server-session.js';
import { plantedContext } from './testing/planted-context.js';
import { ImpossibleValue } from './values.js';

/** What is measured where, without measuring it. */

const planOf = (more: Parameters<typeof plantedContext>[0] = {}) => server.plan(plantedContext(more));
const standard = planOf({ profile: 'standard' });

type ServerPlan = ReturnType<typeof server.plan>;
type ServerVisit = ServerPlan['visits'][number];

/** Among the servers that do not run before others. */
const matching = ({ visits }: ServerPlan, factors: Record<string, string | number>, poller?: string) =>
  visits.filter(
    (visit) =>
      visit.factors.serverPriority === undefined &&
      (poller === undefined || visit.poller === poller) &&
      visit.series[0]?.name === 'pollcost' &&
      Object.entries(factors).every(([name, value]) => visit.factors[name] === value),
  );

const conditionsOf = (visit: ServerVisit | undefined): ServerConditions => {
  assert.ok(visit);
  return visit.conditions;
};

const subjectsOf = ({ launches: [first] }: ServerPlan) => {
  assert.ok(first);
  return first.setting.subjects;
};

const countsOf = (visits: ExperimentPlan['visits']) =>
  [...new Set(visits.map(({ factors }) => Number(factors.idle)))].sort((a, b) => a - b);
const countsIn = ({ visits }: ExperimentPlan) => countsOf(visits);

for (const profile of ['quick', 'standard', 'thorough'] as const) {
  test(`the ${profile} plan names its cells by the factors in their order, each once`, () => {
    const plan = planOf({ profile });
    const ids = plan.visits.flatMap((visit) => visit.series.map(({ name }) => cellIdOf(plan, visit, name)));
    assert.equal(new Set(ids).size, ids.length);
    for (const { factors } of plan.visits) {
      const { serverPriority, ...others } = factors;
      assert.deepEqual(Object.keys(factors), [
        ...Object.keys(others),
        ...(serverPriority ? ['serverPriority'] : []),
      ]);
      assert.deepEqual(Object.keys(others), [
        'idle',
        'active',
        'load',
        'ratePerSecond',
        'phase',
        'app',
        'fileTable',
      ]);
      assert.equal(factors.load === 'closed', factors.ratePerSecond === 0);
      assert.equal(factors.load === 'closed', factors.phase === 'none');
    }
  });

  test(`the ${profile} plan fits its time`, () => {
    // In standard thousands against a hundred take 38 s of it, and select against epoll with one connection 26.
    const limits = { quick: [12, 10], standard: [120, 12], thorough: [600, 60] } as const;
    for (const [index, experiment] of [server, idle].entries()) {
      const seconds = secondsOf(experiment.plan(plantedContext({ profile })));
      const limit = limits[profile][index] as number;
      assert.ok(seconds <= limit * 1.1, `${experiment.id}: ${seconds} s of ${limit}`);
    }
  });

  test(`the ${profile} plan lets every server that it visits be started`, () => {
    const { launches, visits } = planOf({ profile });
    for (const { setting, visits: chosen } of launches) {
      const names = setting.subjects.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      const visited = chosen.map(
        (visit) => (setting.otherwise?.[visit] ?? conditionsOf(visits[visit])).subject,
      );
      assert.deepEqual([...new Set(visited)].sort(), [...names].sort());
    }
  });
}

test('standard crosses its pollers with none, 1 000 and the most connections, closed and open', () => {
  assert.deepEqual(countsIn(standard), [0, 1, 3, 5, 7, 9, 15, 100, 1000, 19_900]);
  for (const poller of ['select-wide', 'poll', 'epoll']) {
    for (const count of [0, 1000, 19_900]) {
      const factors = { idle: count, app: 'http', fileTable: 'private' };
      // A second number of active ones saturates, at 1 000.
      const closed = matching(standard, { ...factors, load: 'closed' }, poller);
      assert.equal(closed.length, count === 1000 ? 2 : 1);
      assert.equal(matching(standard, { ...factors, load: 'open', phase: 'spread' }, poller).length, 1);
    }
  }
  const narrow = countsOf(matching(standard, {}, 'select'));
  assert.deepEqual(narrow, [0, 1, 3, 5, 7, 9, 15], 'else select-wide makes the same call');
});

/** The visits of select and epoll in servers with so many idle connections and one that asks. */
const pairWith = (plan: ServerPlan, idle: number): number[] =>
  ['select', 'epoll'].map((poller) => {
    const factors = { idle, active: 1, load: 'closed', app: 'http', fileTable: 'private' };
    const [visit, ...more] = matching(plan, factors, poller);
    assert.ok(visit && more.length === 0, `${poller} with ${idle}`);
    return plan.visits.indexOf(visit);
  });

/** The launches in which these take turns; others may make windows of each apart. */
const launchesOf = ({ launches, visits }: ServerPlan, pair: readonly number[]) =>
  launches.filter(({ visits: made, setting }) =>
    pair.every((visit) => {
      const { turnMs } = setting.otherwise?.[visit] ?? conditionsOf(visits[visit]);
      return made.includes(visit) && turnMs !== undefined;
    }),
  );

for (const profile of ['standard', 'thorough'] as const) {
  test(`${profile} compares select and epoll in servers with few connections, in windows of the same rounds`, () => {
    const plan = planOf({ profile });
    const more = [1, 3, 5, 7, 9, 15].flatMap((idle) => pairWith(plan, idle));
    const least = profile === 'standard' ? 2 : 3;
    assert.equal(launchesOf(plan, more).length, least, 'one server for all of them');
    for (const idle of [0, 1, 3, 5, 7, 9, 15]) {
      const pair = pairWith(plan, idle);
      const launches = launchesOf(plan, pair);
      assert.ok(launches.length >= least);
      for (const { every, setting } of launches) {
        for (const visit of pair) assert.equal(every?.[visit], undefined, 'in each round');
        assert.equal(setting.subjects.length, 1);
        const [select, epoll] = pair.map(
          (visit) => setting.otherwise?.[visit] ?? conditionsOf(plan.visits[visit]),
        );
        assert.deepEqual(select, epoll, 'they take turns, at one connection as at many');
        assert.equal(select?.held, idle);
      }
    }
  });

  test(`${profile} gives a single connection, which decides, most of the time, in many launches with one long window each`, () => {
    const plan = planOf({ profile });
    const pair = pairWith(plan, 0);
    const launches = launchesOf(plan, pair);
    // What is known beforehand of how far launches scatter comes from cells that scatter further: each launch more outweighs it.
    assert.ok(launches.length >= 10);
    for (const { rounds, setting } of launches) {
      assert.equal(rounds, 1);
      const [visit = -1] = pair;
      const { window, turnMs = 0 } = setting.otherwise?.[visit] ?? conditionsOf(plan.visits[visit]);
      assert.ok(window.ms >= 20 * 2 * turnMs, 'twenty ways there and back of each poller');
    }
  });

  test(`${profile} visits epoll with a single connection twice a round: what that differs by is no difference`, () => {
    const { visits, launches } = planOf({ profile });
    const again = visits.findIndex(({ series: [first] }) => first?.name === 'pollcost-again');
    const { factors, conditions } = visits[again] as ServerVisit;
    assert.equal(Number(factors.idle) + Number(factors.active), 1);
    const first = visits.findIndex((visit) => visit.conditions.held === 0 && visit.poller === 'epoll');
    const compared = launches.filter(({ visits: made }) => made.includes(again));
    assert.ok(compared.length >= 6);
    for (const { visits: made, setting } of compared) {
      assert.ok(made.includes(first));
      assert.deepEqual(setting.otherwise?.[first] ?? visits[first]?.conditions, conditions);
    }
  });
}

test('phases and the shared file table are measured at 1 000 only, with the references', () => {
  const others = standard.visits.filter(
    ({ factors }) => factors.phase === 'storm' || factors.phase === 'poisson',
  );
  assert.equal(others.length, 6);
  const shared = standard.visits.filter(({ factors }) => factors.fileTable === 'shared');
  for (const { factors } of [...others, ...shared]) assert.equal(factors.idle, 1000);
  const named = (visit: ServerVisit) => visit.series[0]?.name ?? '';
  const references = standard.visits.filter((visit) => named(visit).startsWith('node:'));
  assert.deepEqual([...new Set(references.map(named))].sort(), ['node:http', 'node:net']);
  for (const visit of references) {
    assert.equal(matching(standard, visit.factors, visit.poller).length, 1, 'and ours beside each');
  }
});

test('thousands are held against a hundred in more rounds than the 15 that are needed, in windows of a second', () => {
  const pair = [100, 19_900].map((count) => {
    const factors = { idle: count, load: 'open', phase: 'spread', fileTable: 'private', app: 'http' };
    const [visit, ...more] = matching(standard, factors, 'epoll');
    assert.ok(visit);
    assert.deepEqual(more, []);
    return visit;
  }) as [ServerVisit, ServerVisit];
  assert.equal(pair[0].factors.ratePerSecond, pair[1].factors.ratePerSecond);
  const indices = pair.map((visit) => standard.visits.indexOf(visit));
  const launches = standard.launches.filter(({ visits }) => indices.every((index) => visits.includes(index)));
  const windows = launches.reduce((sum, { rounds }) => sum + rounds, 0);
  assert.ok(windows > 15, `${windows} windows`);
  assert.ok(launches.length >= 4, 'launches are the unit: Student’s t of three is wide');
  for (const { rounds } of launches) assert.ok(rounds >= 3, `${rounds} rounds`);
  for (const { every } of standard.launches)
    for (const index of indices) assert.equal(every?.[index], undefined);
  for (const { conditions } of pair) assert.equal(conditions.window.ms, 1000);
});

test('thousands and a hundred have windows beside in which the server runs before others, where that is allowed', () => {
  const ranked = ({ visits }: ServerPlan) =>
    visits.filter(({ factors }) => factors.serverPriority === 'realtime');
  const made = ranked(
    server.plan({ ...plantedContext({ profile: 'standard' }), cpus: { subject: 1, load: 0 } }),
  );
  assert.deepEqual(countsOf(made), [100, 19_900]);
  for (const { series, poller, conditions } of made) {
    assert.equal(poller, 'epoll');
    assert.equal(series[0]?.skip, undefined);
    assert.ok(
      conditions.window.load === 'open' && conditions.window.isFirst && conditions.window.ms === 1000,
    );
  }
  for (const { factors, conditions } of standard.visits)
    if (!factors.serverPriority) assert.ok(!('isFirst' in conditions.window), 'nowhere else');
  for (const { series } of ranked(standard)) assert.match(series[0]?.skip ?? '', /only CPU/);
});

test('thousands are held against a hundred at one rate, which is the first of these pairs in every profile', () => {
  for (const profile of ['standard', 'thorough'] as const) {
    const plan = planOf({ profile });
    const asked = { load: 'open', phase: 'spread', fileTable: 'private' };
    const [few] = matching(plan, { ...asked, idle: 100 }, 'epoll');
    const { ratePerSecond = 0, app = '' } = few?.factors ?? {};
    const [many] = matching(plan, { ...asked, idle: 19_900, ratePerSecond, app }, 'epoll');
    for (const visit of [few, many]) assert.equal(conditionsOf(visit).window.ms, 1000, profile);
  }
});

test('windows in closed loop are equally long however many connections are idle', () => {
  for (const profile of ['quick', 'standard', 'thorough'] as const) {
    const asked = { load: 'closed', app: 'http', fileTable: 'private', active: 1 };
    const closed = matching(planOf({ profile }), asked).filter(
      ({ conditions: { turnMs } }) => turnMs === undefined,
    );
    assert.ok(closed.length > 2);
    assert.equal(new Set(closed.map(({ conditions: { window } }) => window.ms)).size, 1, profile);
  }
});

test('what an idle fd costs is counted against the same beats with no idle connections', () => {
  const [visit] = matching(
    standard,
    { idle: 1000, load: 'open', phase: 'spread', fileTable: 'private' },
    'poll',
  );
  const { withoutIdle } = conditionsOf(visit);
  const partner = standard.visits[withoutIdle ?? -1];
  assert.equal(partner?.poller, 'poll');
  assert.equal(partner?.factors.idle, 0);
  assert.equal(partner?.factors.ratePerSecond, visit?.factors.ratePerSecond);
});

test('a storm window holds whole storms', () => {
  const thorough = planOf({ profile: 'thorough' });
  const storms = thorough.visits.filter(({ factors }) => factors.phase === 'storm');
  assert.ok(storms.length > 0);
  for (const { factors, conditions } of storms) {
    const beats = (Number(factors.ratePerSecond) * conditions.window.ms) / 1000;
    assert.equal(beats % Number(factors.idle), 0);
  }
});

test('each launch lets another poller hold the connections while they are made', () => {
  const matrix = standard.launches.filter(
    ({ setting }) =>
      setting.subjects.some(({ connections, series }) => connections === 1000 && series === 'pollcost') &&
      setting.subjects.some(({ connections }) => connections === 19_900),
  );
  const first = matrix.map(({ setting }) => {
    const subject = setting.subjects.find(
      ({ connections, series, fileTable, app }) =>
        connections === 1000 && series === 'pollcost' && fileTable === 'private' && app === 'http',
    );
    return subject?.poller;
  });
  assert.deepEqual([...first].sort(), ['epoll', 'poll', 'select-wide']);
});

test('--connections replaces idle, and more than the limit allows is refused with what would help', () => {
  assert.deepEqual(countsIn(planOf({ connections: [10, 20] })), [10, 20]);
  assert.deepEqual(countsIn(idle.plan(plantedContext({ connections: [10, 20] }))), [10, 20]);
  for (const experiment of [server, idle]) {
    assert.throws(
      () => experiment.plan(plantedContext({ connections: [19_901] })),
      (error) =>
        error instanceof ImpossibleValue &&
        /19901 connections .* at most 19900 .*ulimit -n/.test(error.message),
    );
  }
});

test('--pollers chooses: select alone is itself, and an edge trigger has a server of its own', () => {
  const select = planOf({ pollers: ['select'] });
  assert.ok(matching(select, { idle: 0 }, 'select').length > 0);
  const [many] = matching(select, { idle: 1000 }, 'select');
  assert.match(many?.series[0]?.skip ?? '', /end at 1023/);
  const edge = planOf({ pollers: ['epoll', 'epoll-et'] });
  for (const { name, poller } of subjectsOf(edge)) assert.equal(/epoll-et/.test(name), poller === 'epoll-et');
  assert.ok(
    planOf({ profile: 'standard', pollers: ['poll'] }).visits.every(({ poller }) => poller === 'poll'),
  );
  const busy = planOf({ pollers: ['busy'] });
  for (const { poller } of subjectsOf(busy)) assert.notEqual(poller, 'busy');
});

const low: [string, Parameters<typeof plantedContext>[0]][] = [
  ['200 fds', { fds: 200, profile: 'standard' }],
  ['130 fds', { fds: 130, profile: 'thorough' }],
];
for (const [what, more] of low) {
  test(`with ${what} the counts shrink, with a warning, and nothing is held against a hundred`, () => {
    const plan = planOf(more);
    const most = Math.max(1, (more?.fds ?? 0) - 100);
    const ofFew = [1, 3, 5, 7, 9, 15];
    assert.deepEqual(
      countsIn(plan).filter((count) => count === most || !ofFew.includes(count)),
      [0, most],
    );
    assert.ok(plan.warnings.some(({ code }) => code === 'fd-limit'));
    assert.ok(plan.visits.every((visit) => conditionsOf(visit).window.ms < 1000));
  });
}

test('with so few fds that the harness itself runs out, nothing is started and each cell says why', () => {
  const { visits, launches } = planOf({ fds: 64, profile: 'standard' });
  assert.deepEqual(launches, []);
  for (const { series } of visits) assert.match(series[0]?.skip ?? '', /a limit of 64 fds/);
});

test('without unshare every window is made with a shared file table, and none with a private one', () => {
  const context: PlanContext = plantedContext({ profile: 'standard', unshare: false });
  const { visits, launches } = server.plan(context);
  const among = visits.filter(({ factors }) => factors.serverPriority === undefined);
  for (const { factors, series } of among) {
    const [first] = series;
    if (first?.name === 'pollcost') assert.equal(first.skip === undefined, factors.fileTable === 'shared');
  }
  assert.ok(launches.every(({ visits: chosen }) => chosen.length > 0));
  const whole = server.plan(plantedContext({ profile: 'standard' }));
  const windows = (of: typeof visits) =>
    new Set(
      of.map(({ poller, factors, series }) =>
        JSON.stringify([poller, series[0]?.name, { ...factors, fileTable: null }]),
      ),
    );
  assert.deepEqual(
    windows(among.filter(({ factors }) => factors.fileTable === 'shared')),
    windows(whole.visits.filter(({ factors }) => factors.serverPriority === undefined)),
  );
});
