import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellId } from '../results/cell-id.js';
import { type Cell, modelSchema } from '../results/run-schema.js';
import { randomFrom } from '../statistics/random.js';
import { coldFactor } from './cold.js';
import { fitCostModel, halvesOf, isAccepted, isIndistinct, modelsOf, summaryOf } from './cost-model.js';
import { observationsOf } from './observations.js';
import { meanBeforeReady, type Turn } from './terms.js';

type Cost = (turn: Pick<Turn, 'watched' | 'ready' | 'churn' | 'timeout'>) => number;
type Plant = Pick<Cell, 'poller'> & { cost: Cost; noise?: number };

const base = { wakesPerSecond: 0, temperature: 'hot', fileTable: 'private', socket: 'tcp' };
const set = { life: 'standing', churnPer100: 0, instance: 'kept' };

function cell(poller: Cell['poller'], experiment: string, factors: Cell['factors'], cpuNs: number): Cell {
  const figure = { value: cpuNs, low: cpuNs, high: cpuNs, unit: 'ns' as const, n: 9, launches: 3 };
  const id = cellId(experiment, poller, 'pollcost', factors);
  return {
    id,
    experiment,
    poller,
    series: 'pollcost',
    status: 'measured',
    flags: [],
    factors,
    metrics: { cpuNsPerTurn: figure },
  };
}

/** The cells that the experiments have, at a planted cost. */
function cellsOf({ poller, cost, noise = 0 }: Plant): Cell[] {
  const random = randomFrom(7);
  const noisy = (ns: number) => ns * (1 + noise * (2 * random() - 1));
  const idle = [1, 2, 4, 8, 10, 16, 32, 64, 100, 200, 500, 1000, 4000].map((watched) =>
    cell(
      poller,
      'watched-fds',
      { watched, ready: 0, position: 'none', timeout: 'zero', ...base },
      noisy(cost({ watched, ready: 0, churn: 0, timeout: 'zero' })),
    ),
  );
  const grid = [10, 100, 1000].flatMap((watched) =>
    [...new Set([1, watched / 10, watched / 2])].flatMap((ready) =>
      [0, 1, 100].flatMap((churnPer100) =>
        (['zero', 'finite'] as const).map((timeout) =>
          cell(
            poller,
            'workload-grid',
            {
              watched,
              ready,
              position: 'even',
              timeout,
              ...base,
              ...set,
              life: 'consumed-rotating',
              churnPer100,
            },
            noisy(cost({ watched, ready, churn: churnPer100 / 100, timeout })),
          ),
        ),
      ),
    ),
  );
  return [...idle, ...grid];
}

const likePoll: Cost = ({ watched, ready, churn, timeout }) =>
  300 +
  72 * watched +
  10 * ready +
  2500 * churn +
  (timeout === 'finite' ? 90 + (110 * (watched / ready - 1)) / 2 : 0);
const likeEpoll: Cost = ({ ready, churn, timeout }) =>
  300 + 115 * ready + (ready > 0 ? 130 : 0) + 2700 * churn + (timeout === 'finite' ? 94 : 0);

const turn = (watched: number, ready: number, timeout: Turn['timeout'] = 'zero', churn = 0): Turn => ({
  watched,
  ready,
  churn,
  timeout,
  beforeReady: meanBeforeReady(watched, ready),
  highestFd: 31 + watched,
});

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

test('of a planted epoll, what it does not pay for cannot be told from nothing', () => {
  const model = fitCostModel(run(cellsOf({ poller: 'epoll', cost: likeEpoll, noise: 0.02 })), 'epoll');
  const watched = model.terms.get('c2');
  assert.ok(watched && isIndistinct(watched), JSON.stringify(watched));
  const ready = model.terms.get('c3');
  assert.ok(ready && !isIndistinct(ready) && ready.low <= 115 && ready.high >= 115, JSON.stringify(ready));
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

test('what is far off the line though hot is counted, what is cold and far off is not', () => {
  const cells = cellsOf({ poller: 'poll', cost: likePoll, noise: 0.02 });
  const isCold = ({ factors }: Cell) => factors.watched === 1000 && Number(factors.ready) >= 100;
  const inCold = (factor: number) =>
    cells.map((one) =>
      one.status === 'measured' && isCold(one)
        ? cell(one.poller, one.experiment, one.factors, (one.metrics.cpuNsPerTurn?.value ?? 0) * factor)
        : one,
    );
  const counted = (list: Cell[]) => {
    const { fitted, heldOut } = halvesOf(run(list), 'poll');
    return [...fitted, ...heldOut];
  };
  assert.ok(counted(inCold(1)).some(({ turn: { watched, ready } }) => watched === 1000 && ready >= 100));
  assert.ok(!counted(inCold(1.5)).some(({ turn: { watched, ready } }) => watched === 1000 && ready >= 100));
  const model = fitCostModel(run(inCold(1.5)), 'poll');
  assert.ok(model.covers(turn(1000, 0)) && model.covers(turn(100, 10)) && !model.covers(turn(1000, 500)));
});

test('the same run gives the same model; half of the cells do not touch it', () => {
  const cells = cellsOf({ poller: 'poll', cost: likePoll, noise: 0.03 });
  const first = fitCostModel(run(cells), 'poll');
  assert.deepEqual(summaryOf(fitCostModel(run([...cells].reverse()), 'poll')), summaryOf(first));
  const heldOut = new Map(halvesOf(run(cells), 'poll').heldOut.map(({ id, cpuNs }) => [id, cpuNs]));
  const spoilt = cells.map((one) => {
    const cpuNs = heldOut.get(one.id);
    return cpuNs === undefined ? one : cell(one.poller, one.experiment, one.factors, 1.08 * cpuNs);
  });
  const second = fitCostModel(run(spoilt), 'poll');
  assert.deepEqual(second.terms, first.terms);
  assert.notDeepEqual(second.heldOut, first.heldOut);
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
