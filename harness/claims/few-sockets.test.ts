import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, effectOf, expectVerdict, missingOf } from './testing/expect-verdict.js';
import { type Costs, cheap, dear, flipping, requests, turns } from './testing/planted-few.js';
import type { Planted } from './testing/planted-run.js';

/** The two claims on very few sockets, on planted turns. */

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

test('few-sockets-cpu: a ratio of just 1 is not below it', () => {
  const even = turns({ steady: () => 1000, churn: () => 1000, fresh: () => 1000 }, null);
  expectVerdict('few-sockets-cpu', even, 'fails', null);
});

test('few-sockets-cpu: a count that was left out is named, with what helps', () => {
  const all = turns({ steady: cheap, churn: dear, fresh: dear });
  const without = all.filter(({ factors }) => factors.watched !== 6 && factors.watched !== 8);
  assert.equal(
    missingOf(expectVerdict('few-sockets-cpu', without, 'undecided')),
    'few-sockets with watched = 6 and 8: leave out --connections',
  );
});

test('small-difference: the boundary is where the difference reaches 5 % of a request', () => {
  const held = expectVerdict(
    'small-difference',
    requests((count) => 30 + 0.01 * count),
    'holds',
    1.001,
  );
  assert.ok(Math.abs(effectOf(held, 'shareOfRequestAt10').value - 0.1 / 30) < 1e-6);
  const claim = expectVerdict(
    'small-difference',
    requests((count) => 30 + 0.3 * count),
    'holds-when',
    1.001,
  );
  assert.match(conditionOf(claim), /at most 4 sockets are watched; 5 % .* at 6/);
  expectVerdict(
    'small-difference',
    requests(() => 40),
    'fails',
  );
});

test('small-difference: how much cheaper select is counts as much as how much dearer', () => {
  expectVerdict(
    'small-difference',
    requests(() => 20),
    'fails',
  );
});

test('small-difference: swapping the labels leaves a small difference small', () => {
  expectVerdict(
    'small-difference',
    requests(
      () => 30,
      () => 30.1,
    ),
    'holds',
    1.001,
  );
});

test('small-difference: a single socket that straddles 5 % decides nothing', () => {
  const open = expectVerdict(
    'small-difference',
    requests(() => 31.5),
    'undecided',
  );
  assert.match(missingOf(open), /shareOfRequestAt1 straddles 5 %; try --profile thorough/);
});

test('small-difference: what two visits of one poller differ by is no difference', () => {
  const planted = requests((count) => 30 + 0.01 * count);
  const [ten] = planted.filter(({ poller, factors }) => poller === 'epoll' && factors.idle === 9);
  const again = (ratio: number): Planted => ({
    ...(ten as Planted),
    series: 'pollcost-again',
    metrics: { cpuUsPerRequest: 30 * ratio },
  });
  expectVerdict('small-difference', [...planted, again(1.002)], 'holds', 1.2);
  expectVerdict('small-difference', [...planted, again(1.08)], 'undecided', 1.001);
});

test('small-difference: without a server, or with a count missing, it is undecided', () => {
  const none = expectVerdict('small-difference', [], 'undecided');
  assert.match(missingOf(none), /experiment server did not run/);
  const without = requests(() => 30).filter(({ factors }) => factors.idle !== 9);
  const open = expectVerdict('small-difference', without, 'undecided');
  assert.match(missingOf(open), /server with idle = 9: leave out --connections/);
});
