import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, effectOf, expectVerdict, missingOf } from './testing/expect-verdict.js';
import { around, type Planted } from './testing/planted-run.js';

/** The two claims on very few sockets, on planted turns. */

const COUNTS = [1, 4, 10, 16];
type Costs = (watched: number) => number;
type Life = 'steady' | 'churn' | 'fresh';

const factorsOf = (life: Life, ready: number, timeout: string, watched: number) => ({
  watched,
  ready,
  position: ready === 0 ? 'none' : 'last',
  timeout,
  wakesPerSecond: 0,
  temperature: 'hot',
  fileTable: 'private',
  socket: 'tcp',
  life: 'standing',
  churnPer100: life === 'churn' ? 100 : 0,
  instance: life === 'fresh' ? 'fresh' : 'kept',
});

const STATES = [
  [0, 'zero'],
  [1, 'zero'],
  [1, 'finite'],
] as const;

/** All nine conditions; epoll costs 1 000 ns, select what is asked. C takes the same unless told otherwise. */
const turns = (select: Record<Life, Costs>, net: Costs | null = null, spread = 0.004): Planted[] =>
  (['steady', 'churn', 'fresh'] as const).flatMap((life) =>
    STATES.flatMap(([ready, timeout]) =>
      COUNTS.flatMap((watched) =>
        (['pollcost', 'c-twin'] as const).flatMap((series) =>
          (['select', 'epoll'] as const).map((poller): Planted => {
            const cost = (series === 'c-twin' && net ? net : select[life])(watched);
            const cpuNsPerTurn = poller === 'epoll' ? 1000 : around(cost, spread);
            const factors = factorsOf(life, ready, timeout, watched);
            return { experiment: 'few-sockets', poller, series, factors, metrics: { cpuNsPerTurn } };
          }),
        ),
      ),
    ),
  );

const cheap: Costs = (watched) => 300 + 10 * watched;
const dear: Costs = (watched) => 1200 + 10 * watched;
const flipping: Costs = (watched) => 500 + 40 * watched;

test('few-sockets-cpu: cheaper in every steady condition holds', () => {
  expectVerdict('few-sockets-cpu', turns({ steady: cheap, churn: dear, fresh: dear }), 'holds');
});

test('few-sockets-cpu: cheaper only where the set changes holds when it does, with the count where it flips', () => {
  const claim = expectVerdict(
    'few-sockets-cpu',
    turns({ steady: dear, churn: flipping, fresh: cheap }),
    'holds-when',
  );
  assert.match(
    conditionOf(claim),
    /one fd replaced each turn, none ready, zero timeout \(up to 10 to 16 fds\)/,
  );
  assert.match(conditionOf(claim), /a fresh instance each turn.*up to the 16 that were measured/);
  assert.doesNotMatch(conditionOf(claim), /the set stays/);
  const crossover = effectOf(claim, 'churnReadyZeroCrossoverWatched');
  assert.ok(Math.abs(crossover.value - 12.5) < 0.5);
});

test('few-sockets-cpu: dearer everywhere fails, swapping the labels does not', () => {
  const planted = turns({ steady: dear, churn: dear, fresh: dear });
  expectVerdict('few-sockets-cpu', planted, 'fails');
  const swapped = planted.map(
    (plant) => ({ ...plant, poller: plant.poller === 'epoll' ? 'select' : 'epoll' }) as Planted,
  );
  expectVerdict('few-sockets-cpu', swapped, 'holds');
});

test('few-sockets-cpu: cheaper in JavaScript and dearer in C supports nothing', () => {
  expectVerdict('few-sockets-cpu', turns({ steady: cheap, churn: cheap, fresh: cheap }, dear), 'fails');
});

test('few-sockets-cpu: a ratio astride 1 where it matters is undecided and named', () => {
  const even: Costs = () => 1000;
  const open = expectVerdict(
    'few-sockets-cpu',
    turns({ steady: even, churn: dear, fresh: dear }),
    'undecided',
  );
  assert.match(missingOf(open), /the set stays, none ready/);
});

test('few-sockets-cpu: without the C twin it is undecided', () => {
  const raw = turns({ steady: cheap, churn: cheap, fresh: cheap }).filter(
    ({ series }) => series !== 'c-twin',
  );
  expectVerdict('few-sockets-cpu', raw, 'undecided');
});

const request = (us: number): Planted => ({
  experiment: 'server',
  poller: 'epoll',
  factors: {
    idle: 0,
    active: 1,
    load: 'closed',
    ratePerSecond: 0,
    phase: 'none',
    app: 'http',
    fileTable: 'private',
  },
  metrics: { cpuUsPerRequest: us },
});

test('small-difference: the boundary is where the difference reaches 5 % of a request', () => {
  const apart: Costs = (watched) => 1000 + 20 * watched;
  const with30us = (costs: Costs) => [...turns({ steady: costs, churn: dear, fresh: dear }), request(30)];
  expectVerdict('small-difference', with30us(apart), 'holds');
  const claim = expectVerdict(
    'small-difference',
    with30us((watched) => 1000 + 200 * watched),
    'holds-when',
  );
  assert.match(conditionOf(claim), /at most 4 sockets are watched; 5 % .* at 10/);
  expectVerdict(
    'small-difference',
    with30us((watched) => 4000 + watched),
    'fails',
  );
});

test('small-difference: how much cheaper select is counts as much as how much dearer', () => {
  const planted = [...turns({ steady: () => 100, churn: dear, fresh: dear }), request(10)];
  expectVerdict('small-difference', planted, 'fails');
});

test('small-difference: a request that is not known well enough decides nothing', () => {
  const vague = { ...request(30), metrics: { cpuUsPerRequest: around(30, 0.9) } };
  const planted = [...turns({ steady: (watched) => 1300 + 20 * watched, churn: dear, fresh: dear }), vague];
  assert.match(
    missingOf(expectVerdict('small-difference', planted, 'undecided')),
    /shareOfRequestAt1 straddles/,
  );
});

test('small-difference: without a server it is undecided', () => {
  const open = expectVerdict(
    'small-difference',
    turns({ steady: dear, churn: dear, fresh: dear }),
    'undecided',
  );
  assert.match(missingOf(open), /experiment server did not run/);
});
