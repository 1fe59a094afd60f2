import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, modelSchema } from '../results/run-schema.js';
import { coldFactor } from './cold.js';
import { fitCostModel, isAccepted, isIndistinct, modelsOf, summaryOf } from './cost-model.js';
import { splitOf } from './held-out.js';
import { observationsOf } from './observations.js';
import type { PollerId, TermName } from './terms.js';
import {
  base,
  type Cost,
  cell,
  cellsOf,
  likeEpoll,
  likePoll,
  readyCells,
  set,
  turn,
} from './testing/planted-costs.js';

const run = (cells: Cell[]) => ({ seed: 3, cells });

test('a planted poll is found again: its terms, and what it costs where it was not measured', () => {
  const model = fitCostModel(run(cellsOf({ poller: 'poll', cost: likePoll, noise: 0.02 })), 'poll');
  assert.ok(isAccepted(model), JSON.stringify(model.heldOut));
  const perFd = model.terms.get('c2');
  assert.ok(
    perFd && perFd.low <= 72 && perFd.high >= 72 && perFd.high - perFd.low < 10,
    JSON.stringify(perFd),
  );
  const truth = 300 + 72 * 700;
  const { value, low, high } = model.predict(turn(700, 0));
  assert.ok(low <= truth && truth <= high && low <= value && value <= high, `${low} ${truth} ${high}`);
  assert.ok(Math.abs(value / truth - 1) < 0.05);
});

test('a planted epoll is found again: it pays for what is ready, and one that paid for what it watches is refused', () => {
  const model = fitCostModel(run(cellsOf({ poller: 'epoll', cost: likeEpoll, noise: 0.02 })), 'epoll');
  const ready = model.terms.get('c3');
  assert.ok(ready && !isIndistinct(ready) && ready.low <= 115 && ready.high >= 115, JSON.stringify(ready));
  assert.equal(model.predict(turn(700, 0)).value, model.predict(turn(10, 0)).value);
  assert.ok(isAccepted(model), JSON.stringify(model.heldOut));
  const scanning: Cost = (at) => likeEpoll(at) + at.watched;
  assert.ok(
    !isAccepted(fitCostModel(run(cellsOf({ poller: 'epoll', cost: scanning, noise: 0.02 })), 'epoll')),
  );
});

test('the shares of a turn add up to its cost', () => {
  const model = fitCostModel(run(cellsOf({ poller: 'poll', cost: likePoll })), 'poll');
  const at = turn(300, 3, 'finite', 1);
  const sum = [...model.shares(at).values()].reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum / model.predict(at).value - 1) < 1e-9);
});

test('a cost that is no such line is refused by what was held out', () => {
  const curved: Cost = ({ watched, ready }) => 300 + watched ** 1.6 + ready;
  assert.ok(!isAccepted(fitCostModel(run(cellsOf({ poller: 'poll', cost: curved })), 'poll')));
});

test('no cell is left out because it lies off the line', () => {
  const cells = cellsOf({ poller: 'poll', cost: likePoll, noise: 0.02 });
  const off = cells.map((one) =>
    one.status === 'measured' && one.factors.watched === 1000
      ? cell(one.poller, one.experiment, one.factors, 1.5 * (one.metrics.cpuNsPerTurn?.value ?? 0))
      : one,
  );
  const used = (list: Cell[]) => {
    const { fitted, heldOut } = splitOf(run(list), 'poll');
    return [...fitted, ...heldOut].map(({ id }) => id).sort();
  };
  assert.deepEqual(used(off), used(cells));
  const upTo1000 = cells.filter(({ factors }) => Number(factors.watched) <= 1000);
  assert.deepEqual(used(cells), upTo1000.map(({ id }) => id).sort());
});

test('values of N are held out whole, with what is nearly one of them, and so is an experiment', () => {
  for (let seed = 0; seed < 20; seed++) {
    const cells = [...cellsOf({ poller: 'poll', cost: likePoll }), ...readyCells('poll', likePoll)];
    const { fitted, heldOut, counts, experiment } = splitOf({ seed, cells }, 'poll');
    assert.ok(counts.length >= 3 && experiment !== null && heldOut.length >= 3, `${counts} ${experiment}`);
    assert.ok(
      !counts.includes(1) && !counts.includes(1000),
      'what lies beyond both ends is an extrapolation',
    );
    for (const { turn, experiment: of } of fitted) {
      assert.notEqual(of, experiment);
      for (const out of [
        ...heldOut.map((one) => one.turn),
        ...counts.map((watched) => ({ ...turn, watched })),
      ]) {
        const isTwin =
          turn.timeout === out.timeout &&
          Math.abs(turn.watched - out.watched) <= 0.15 * Math.max(turn.watched, out.watched) &&
          Math.abs(turn.ready - out.ready) <= 0.15 * Math.max(turn.ready, out.ready) &&
          Math.abs(turn.churn - out.churn) <= 0.05;
        assert.ok(!isTwin, `${JSON.stringify(turn)} is nearly ${JSON.stringify(out)}`);
      }
    }
  }
});

test('what is held out depends on the seed, and on no cost', () => {
  const cells = [...cellsOf({ poller: 'poll', cost: likePoll }), ...readyCells('poll', likePoll)];
  const others = cells.map((one) => cell(one.poller, one.experiment, one.factors, 5));
  const ids = (list: Cell[], seed: number) =>
    splitOf({ seed, cells: list }, 'poll').heldOut.map(({ id }) => id);
  assert.deepEqual(ids(others, 3), ids(cells, 3));
  assert.ok([4, 5, 6, 7].some((seed) => ids(cells, seed).join() !== ids(cells, 3).join()));
});

test('the same run gives the same model; what is held out does not touch it', () => {
  const cells = [
    ...cellsOf({ poller: 'poll', cost: likePoll, noise: 0.03 }),
    ...readyCells('poll', likePoll, 0.03),
  ];
  const first = fitCostModel(run(cells), 'poll');
  assert.deepEqual(summaryOf(fitCostModel(run([...cells].reverse()), 'poll')), summaryOf(first));
  const { fitted, heldOut } = splitOf(run(cells), 'poll');
  const kept = new Map(fitted.map(({ id, cpuNs }) => [id, cpuNs]));
  const spoilt = cells.map((one) =>
    one.status === 'measured' && !kept.has(one.id)
      ? cell(one.poller, one.experiment, one.factors, 1.08 * (one.metrics.cpuNsPerTurn?.value ?? 0))
      : one,
  );
  const second = fitCostModel(run(spoilt), 'poll');
  assert.deepEqual(second.terms, first.terms);
  assert.ok(heldOut.length > 0);
  assert.notDeepEqual(second.heldOut, first.heldOut);
});

test('what a longer sleep costs is a term, and a rate that no cell has is an extrapolation', () => {
  const asleep = (watched: number, ms: number) =>
    9000 + 160 * watched + (ms > 0.1 ? 6000 : 0) + 1500 * ms + 20 * watched * ms;
  const slept = [1, 100, 1000].flatMap((watched) =>
    [50, 500, 2000, 8000, 16_000].map((wakesPerSecond) =>
      cell(
        'poll',
        'temperature',
        { watched, ready: 1, position: 'last', timeout: 'slept', ...base, wakesPerSecond },
        asleep(watched, 1000 / wakesPerSecond),
      ),
    ),
  );
  const cells = [...cellsOf({ poller: 'poll', cost: likePoll, noise: 0.01 }), ...slept];
  const model = fitCostModel(run(cells), 'poll');
  const at = (wakesPerSecond: number) => ({ ...turn(500, 1, 'slept'), wakesPerSecond });
  assert.ok(Math.abs(model.predict(at(100)).value / asleep(500, 10) - 1) < 0.05);
  assert.ok(Math.abs(model.predict(at(10_000)).value / asleep(500, 0.1) - 1) < 0.05, 'the CPU does not halt');
  assert.ok(model.covers(at(100)) && !model.covers(at(10)) && !model.covers(at(20_000)));
});

test('sockets that do not fit the cache are terms, of calls that scan and of those that are handed what is ready', () => {
  const cold: Cost = (at) => likePoll(at) + 5 * Math.sqrt(at.ready) * Math.max(0, at.watched - 200);
  const cells = [...cellsOf({ poller: 'poll', cost: cold, noise: 0.01 }), ...readyCells('poll', cold, 0.01)];
  const model = fitCostModel(run(cells), 'poll');
  const term = model.terms.get('c16');
  assert.ok(term && term.low < 5 && term.high > 5 && !isIndistinct(term), JSON.stringify(term));
  assert.ok(isAccepted(model), JSON.stringify(model.heldOut));
});

test('messages drive the fds that the first level of cache held out of it', () => {
  const driven: Cost = (at) => likePoll(at) + 12 * Math.max(0, at.watched - (at.ready > 0 ? 0 : 16));
  const cells = [
    ...cellsOf({ poller: 'poll', cost: driven, noise: 0.01 }),
    ...readyCells('poll', driven, 0.01),
  ];
  const model = fitCostModel(run(cells), 'poll');
  assert.ok(isAccepted(model), JSON.stringify(model.heldOut));
  const term = model.terms.get('c13');
  assert.ok(term && term.low < 12 && term.high > 12 && !isIndistinct(term), JSON.stringify(term));
  const [hot, out] = [turn(15, 0), turn(15, 1)].map((at) => model.shares(at).get('c13'));
  assert.equal(hot, 0);
  assert.ok(out && out > 0);
});

const shareOut = ({ watched }: { watched: number }, held: number) => Math.max(0, watched - held) / watched;

for (const { name, ns, poller, like, of, what } of [
  {
    ...{ name: 'c24', ns: 60, poller: 'epoll', like: likeEpoll },
    of: (at) => at.ready * shareOut(at, 4),
    what: 'a ready socket that has left the first level of cache is a term of epoll',
  },
  {
    ...{ name: 'c19', ns: 70, poller: 'epoll', like: likeEpoll },
    of: (at) => at.ready * shareOut(at, 200),
    what: 'of one that has left the second a message brings back a part: the rest is a term, too',
  },
  {
    ...{ name: 'c19', ns: 450, poller: 'poll', like: likePoll },
    of: (at) => at.ready * shareOut(at, 200),
    what: 'that is a term of calls that scan as well, whose scan the message drives out',
  },
  {
    ...{ name: 'c17', ns: 300, poller: 'epoll', like: likeEpoll },
    of: (at) => at.ready * Math.sqrt(at.ready / 200) * shareOut(at, 200),
    what: 'the more messages come in a turn the less is left of each of them',
  },
] satisfies { name: TermName; ns: number; poller: PollerId; like: Cost; of: Cost; what: string }[])
  test(what, () => {
    const partly: Cost = (at) => like(at) + ns * of(at);
    const few = [2, 3, 4, 5, 6, 8, 12, 16].map((watched) =>
      cell(
        poller,
        'few-sockets',
        { watched, ready: 1, position: 'even', timeout: 'zero', ...base, ...set, life: 'consumed-rotating' },
        partly({ watched, ready: 1, churn: 0, timeout: 'zero' }),
      ),
    );
    const cells = [
      ...few,
      ...cellsOf({ poller, cost: partly, noise: 0.01 }),
      ...readyCells(poller, partly, 0.01),
    ];
    const model = fitCostModel(run(cells), poller);
    assert.ok(isAccepted(model), JSON.stringify(model.heldOut));
    const term = model.terms.get(name);
    assert.ok(term && term.low < ns && term.high > ns && !isIndistinct(term), JSON.stringify(term));
  });

test('a registration costs epoll more the more its tree holds, and more still where it is rare and its socket cold', () => {
  const inTree: Cost = (at) =>
    likeEpoll(at) + at.churn * (30 * Math.log2(at.watched) + (at.churn < 1 ? 4000 : 0) * shareOut(at, 200));
  const few = [1, 2, 4, 8, 16, 24].map((watched) =>
    cell(
      'epoll',
      'few-sockets',
      { watched, ready: 0, position: 'none', timeout: 'zero', ...base, ...set, churnPer100: 100 },
      inTree({ watched, ready: 0, churn: 1, timeout: 'zero' }),
    ),
  );
  const cells = [
    ...cellsOf({ poller: 'epoll', cost: inTree, noise: 0.01 }),
    ...readyCells('epoll', inTree, 0.01),
    ...few,
  ];
  const model = fitCostModel(run(cells), 'epoll');
  assert.ok(isAccepted(model), JSON.stringify(model.heldOut));
  for (const [name, truth] of [
    ['c22', 30],
    ['c23', 4000],
  ] as const) {
    const term = model.terms.get(name);
    assert.ok(
      term && term.low < truth && term.high > truth && !isIndistinct(term),
      `${name} ${JSON.stringify(term)}`,
    );
  }
});

test('a sleep costs an fd more that has left the second level of cache', () => {
  const asleep = [1, 100, 500, 1000].flatMap((watched) =>
    [50, 500, 2000].map((wakesPerSecond) =>
      cell(
        'poll',
        'temperature',
        { watched, ready: 1, position: 'last', timeout: 'slept', ...base, wakesPerSecond },
        15_000 + 160 * watched + 200 * Math.max(0, watched - 600),
      ),
    ),
  );
  const model = fitCostModel(
    run([...cellsOf({ poller: 'poll', cost: likePoll, noise: 0.01 }), ...asleep]),
    'poll',
  );
  const slept = { ...turn(1000, 1, 'slept'), wakesPerSecond: 500 };
  assert.ok(Math.abs(model.predict(slept).value / 255_000 - 1) < 0.05, JSON.stringify(model.predict(slept)));
  const term = model.terms.get('c20');
  assert.ok(term && term.low < 200 && term.high > 200, JSON.stringify(term));
});

test('standing readiness, other sockets, cold cells, fresh instances and too many fds are not fitted to', () => {
  const good = cell(
    'epoll',
    'ready-fds',
    { watched: 100, ready: 10, timeout: 'zero', ...base, ...set, life: 'consumed-rotating' },
    1,
  );
  const others = [
    { life: 'standing' },
    { life: 'consumed-same' },
    { socket: 'unix' },
    { temperature: 'cold' },
    { instance: 'fresh' },
    { watched: 1001 },
  ].map((change) => cell('epoll', 'ready-fds', { ...good.factors, ...change }, 1));
  assert.deepEqual(
    observationsOf({ cells: [good, ...others] }, 'epoll').map(({ id }) => id),
    [good.id],
  );
});

test('what run.json keeps of a model is valid; a poller with too few cells has none', () => {
  const cells = [
    ...cellsOf({ poller: 'poll', cost: likePoll, noise: 0.01 }),
    ...cellsOf({ poller: 'epoll', cost: likeEpoll }).slice(0, 5),
  ];
  const models = modelsOf(run(cells));
  assert.deepEqual(
    models.map(({ poller }) => poller),
    ['poll'],
  );
  for (const model of models) modelSchema.parse(summaryOf(model));
});

test('the cold factor is that of the nearest measured count', () => {
  const at = (watched: number, temperature: string, ns: number) =>
    cell(
      'poll',
      'temperature',
      { watched, ready: 1, position: 'last', timeout: 'zero', ...base, temperature },
      ns,
    );
  const cells = [at(100, 'hot', 10), at(100, 'cold', 30), at(1000, 'hot', 100), at(1000, 'cold', 500)];
  assert.equal(coldFactor({ cells }, 'poll', 4000), 5);
  assert.equal(coldFactor({ cells }, 'poll', 50), 3);
  assert.equal(coldFactor({ cells }, 'epoll', 50), null);
});
