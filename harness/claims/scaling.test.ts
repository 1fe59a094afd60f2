import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, effectOf, expectVerdict, missingOf } from './testing/expect-verdict.js';
import { loaded } from './testing/planted-servers.js';
import { bent, grid, likeLinux, line, scaling, square, sweep } from './testing/planted-turns.js';

/** What scales with what: both-linear, pay-for-ready and less-cpu-mostly, on planted turns. */

test('both-linear: lines hold, a curve of any of them fails', () => {
  const claim = expectVerdict('both-linear', scaling(line, line, line), 'holds');
  assert.ok(Math.abs(effectOf(claim, 'selectExponent').value - 1) < 0.01);
  expectVerdict('both-linear', scaling(square, line, line), 'fails');
  expectVerdict('both-linear', scaling(line, line, square), 'fails');
});

test('both-linear: a knee above 1 000 makes it hold up to there', () => {
  const claim = expectVerdict('both-linear', scaling(line, bent, line), 'holds-when');
  assert.match(conditionOf(claim), /poll 2000 to 4000 fds/);
  assert.doesNotMatch(conditionOf(claim), /select|epoll/);
});

test('both-linear: too short a span is undecided', () => {
  const short = scaling(line, line, line).filter(({ factors }) => Number(factors.watched) <= 30);
  assert.match(
    missingOf(expectVerdict('both-linear', short, 'undecided')),
    /watched = 100 and 1000: leave out --connections/,
  );
});

test('pay-for-ready: paying for ready fds alone holds, for idle ones as well fails', () => {
  const claim = expectVerdict('pay-for-ready', sweep(0, 115), 'holds');
  assert.ok(Math.abs(effectOf(claim, 'epollCost200Over100').value - 1) < 0.001);
  const failed = expectVerdict('pay-for-ready', sweep(60, 115), 'fails');
  assert.ok(Math.abs(effectOf(failed, 'epollIdleOverReadySlope').value - 60 / 115) < 0.01);
});

test('pay-for-ready: a slope that the noise floor cannot tell from 1 % is undecided', () => {
  const cells = sweep(0, 115);
  expectVerdict('pay-for-ready', cells, 'holds', 1.01);
  expectVerdict('pay-for-ready', cells, 'undecided', 1.09);
});

test('less-cpu-mostly: cheaper wherever few are active holds, with the share where it flips', () => {
  const claim = expectVerdict('less-cpu-mostly', [...grid(likeLinux), ...loaded(50)], 'holds');
  const flip = effectOf(claim, 'epollOverPollCrossoverAt1000Zero');
  assert.ok(Math.abs(flip.value - 0.3) < 0.02, JSON.stringify(flip));
  assert.ok(!effectOf(claim, 'shareOfGridWhereEpollIsSurelyCheaper').decides);
});

test('less-cpu-mostly: dearer in one such cell, or in the live server, holds only elsewhere', () => {
  const flipsEarly = (share: number) => 950 + 1000 * share;
  const claim = expectVerdict('less-cpu-mostly', [...grid(flipsEarly), ...loaded(50)], 'holds-when');
  assert.match(conditionOf(claim), /surely cheaper with at most 1 of 100 and 1 of 1000$/);
  const live = expectVerdict('less-cpu-mostly', [...grid(likeLinux), ...loaded(150)], 'holds-when');
  assert.match(
    conditionOf(live),
    /In the live server not surely against select with 1000 idle connections and 10 active in closed loop, app http/,
  );
});

test('less-cpu-mostly: churn every turn and half of the fds active are shown, not judged', () => {
  const onlyThere = (share: number, churn: number) => (share > 0.2 || churn > 1 ? 5000 : 500);
  expectVerdict('less-cpu-mostly', [...grid(onlyThere), ...loaded(50)], 'holds');
});

test('less-cpu-mostly: a share that straddles 1 is beyond what holds surely', () => {
  const even = (share: number) => (share === 0.1 ? 1000 : 500);
  const claim = expectVerdict('less-cpu-mostly', [...grid(even), ...loaded(50)], 'holds-when');
  assert.match(conditionOf(claim), /surely cheaper with at most 1 of 100 and 1 of 1000$/);
});

test('less-cpu-mostly: a single active fd that straddles 1 leaves it undecided, dearer everywhere fails', () => {
  const open = expectVerdict('less-cpu-mostly', [...grid(() => 1000), ...loaded(50)], 'undecided');
  assert.match(missingOf(open), /1000Watched1Ready0ChurnZero/);
  expectVerdict('less-cpu-mostly', [...grid(() => 1500), ...loaded(50)], 'fails');
});

test('less-cpu-mostly: without a server, or with idle connections in none of its cells, it is undecided', () => {
  const alone = expectVerdict('less-cpu-mostly', grid(likeLinux), 'undecided');
  assert.match(missingOf(alone), /experiment server/);
  assert.ok(alone.effects.some(({ name }) => name === 'epollOverPoll1000Watched1Ready0ChurnZero'));
  expectVerdict('less-cpu-mostly', [...grid(likeLinux), ...loaded(50, 0)], 'undecided');
  const astride = expectVerdict('less-cpu-mostly', [...grid(likeLinux), ...loaded(100)], 'holds-when');
  assert.match(conditionOf(astride), /not surely against select with 1000 idle connections/);
});
