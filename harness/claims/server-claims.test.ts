import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectVerdict, missingOf } from './testing/expect-verdict.js';
import { around } from './testing/planted-run.js';
import { beating, idleRun, MICRO, resting, served, windows } from './testing/planted-servers.js';
import { turn } from './testing/planted-turns.js';

/** The claims that rest on live servers, on planted figures. */

test('busy-polling: busy burns and the others sleep holds; swapped it fails; astride it is undecided', () => {
  const claim = expectVerdict('busy-polling', idleRun(0.99, 0.0002), 'holds');
  assert.equal(claim.effects.filter(({ decides }) => decides).length, 12);
  assert.ok(claim.effects.some(({ name }) => name === 'pollWakeupsAt1000'));
  expectVerdict('busy-polling', idleRun(0.0002, 0.99), 'fails');
  expectVerdict('busy-polling', idleRun(0.99, 0.02), 'fails');
  expectVerdict('busy-polling', idleRun(0.5, 0.0002), 'fails');
  expectVerdict('busy-polling', idleRun(around(0.95, 0.02), 0.0002), 'undecided');
  expectVerdict('busy-polling', idleRun(0.99, around(0.01, 0.5)), 'undecided');
});

test('busy-polling: one poller that spins with one count of connections is enough to fail', () => {
  const spinning = idleRun(0.99, 0.0002).map((plant) =>
    plant.poller === 'epoll' && plant.factors.idle === 1000 ? resting('epoll', 1000, 0.9) : plant,
  );
  expectVerdict('busy-polling', spinning, 'fails');
});

test('busy-polling: without busy, or without anybody else, it is undecided', () => {
  const run = idleRun(0.99, 0.0002);
  const without = (name: string) => run.filter(({ poller }) => (poller === 'busy') !== (name === 'busy'));
  assert.match(
    missingOf(expectVerdict('busy-polling', without('busy'), 'undecided')),
    /^idle with poller = busy: leave out --pollers, or name it there$/,
  );
  assert.match(
    missingOf(expectVerdict('busy-polling', without('others'), 'undecided')),
    /^idle with poller = select, poll, epoll and select-wide: leave out --pollers/,
  );
  const few = run.filter(({ factors }) => factors.idle !== 10);
  assert.match(
    missingOf(expectVerdict('busy-polling', few, 'undecided')),
    /^idle with idle = 10: leave out --connections$/,
  );
});

test('one-thread-thousands: no slower holds, three times as slow fails, around the limit is undecided', () => {
  const few = beating(100, { p99: 200 });
  const claim = expectVerdict('one-thread-thousands', [few, beating(19_900, { p99: 180 })], 'holds');
  const p99 = claim.effects.find(({ name }) => name === 'p99RatioMostOver100');
  assert.ok(p99?.decides && Math.abs(p99.value - 0.9) < 0.01);
  assert.equal(claim.effects.filter(({ decides }) => decides).length, 2);
  assert.match(claim.explanation, /19900 connections/);
  expectVerdict('one-thread-thousands', [few, beating(19_900, { p99: 600 })], 'fails');
  expectVerdict('one-thread-thousands', [few, beating(19_900, { p99: around(400, 0.2) })], 'undecided');
  expectVerdict('one-thread-thousands', [few, beating(19_900, { p99: 398 })], 'undecided', 1.05);
});

test('one-thread-thousands: the labels of the two matter', () => {
  expectVerdict('one-thread-thousands', [beating(100, { p99: 600 }), beating(19_900, { p99: 200 })], 'holds');
});

test('one-thread-thousands: one failed request fails it, however fast the others', () => {
  const errors = windows((round) => (round === 7 ? 1 : 0));
  const claim = expectVerdict(
    'one-thread-thousands',
    [beating(100, { p99: 200 }), beating(19_900, { p99: 100, errors })],
    'fails',
  );
  assert.deepEqual(
    claim.effects.filter(({ decides }) => decides).map(({ name, value }) => [name, value]),
    [['errors', 1]],
  );
});

test('one-thread-thousands: windows of a late generator are left out, and too few left decide nothing', () => {
  const few = beating(100, { p99: 200 });
  const slowWhereLate = windows((round) => (round % 6 === 0 ? 5000 : 200));
  const late = (share: number) => windows((round) => (round % 6 === 0 ? share : 0.002));
  const many = beating(19_900, { p99: slowWhereLate, late: late(0.0021) });
  const claim = expectVerdict('one-thread-thousands', [few, many], 'holds');
  const figureOf = (name: string) => claim.effects.find((effect) => effect.name === name)?.value;
  assert.deepEqual(['windows', 'windowsWithALateGenerator'].map(figureOf), [36, 3]);
  assert.ok(Math.abs(Number(figureOf('p99RatioMostOver100')) - 1) < 0.01);
  // Others of the hundred than of the thousands: of each there are 15 all the same.
  const others = windows((round) => (round % 6 === 3 ? 0.02 : 0));
  expectVerdict('one-thread-thousands', [beating(100, { p99: 200, late: others }), many], 'holds');
  const often = windows((round) => (round % 4 === 0 ? 0.02 : 0));
  const open = expectVerdict(
    'one-thread-thousands',
    [few, beating(19_900, { p99: 200, late: often })],
    'undecided',
  );
  assert.match(
    missingOf(open),
    /15 windows of each .* in 3 launches, of which there are 13 in 3; what helps/,
  );
  const otherLate = [beating(100, { p99: 200, late: often }), beating(19_900, { p99: 200 })];
  expectVerdict('one-thread-thousands', otherLate, 'undecided');
});

test('one-thread-thousands: servers with real-time priority stand beside, and decide nothing', () => {
  const among = [beating(100, { p99: 200 }), beating(19_900, { p99: 190 })];
  const ranked = (p99: number) => beating(19_900, { p99, serverPriority: 'realtime' });
  const first = beating(100, { p99: 100, serverPriority: 'realtime' });
  const claim = expectVerdict('one-thread-thousands', [first, ranked(900), ...among], 'holds');
  const effect = claim.effects.find(({ name }) => name === 'p99RatioMostOver100WithRealtime');
  assert.ok(effect && !effect.decides && Math.abs(effect.value - 9) < 0.1);
  assert.equal(effect.factors.serverPriority, 'realtime');
  assert.match(claim.explanation, /With real-time priority of both servers it was 9\.00/);
  const alone = expectVerdict('one-thread-thousands', [first, ranked(90)], 'undecided');
  assert.match(missingOf(alone), /without real-time priority/);
  const late = beating(100, { p99: 100, serverPriority: 'realtime', late: windows(() => 0.01) });
  const without = expectVerdict('one-thread-thousands', [late, ranked(90), ...among], 'holds');
  assert.ok(!without.effects.some(({ name }) => name.endsWith('WithRealtime')));
});

test('one-thread-thousands: without the hundred it says what would have them', () => {
  const open = expectVerdict('one-thread-thousands', [beating(1000, { p99: 200 })], 'undecided');
  assert.match(missingOf(open), /idle = 100.*leave out --connections/);
});

test('one-thread-thousands: hundreds are no thousands', () => {
  const open = expectVerdict(
    'one-thread-thousands',
    [beating(100, { p99: 200 }), beating(900, { p99: 200 })],
    'undecided',
  );
  assert.match(missingOf(open), /1000 connections or more/);
});

test('idle-is-free: servers that agree are named, and only a contradiction turns holds into undecided', () => {
  const agreed = expectVerdict('idle-is-free', [...MICRO, ...served(4, 5, 1.05)], 'holds');
  assert.match(agreed.explanation, /Both halves ran/);
  assert.ok(agreed.effects.some(({ name, decides }) => name === 'epollServerGrowth0To1000' && decides));
  const alone = expectVerdict('idle-is-free', MICRO, 'holds');
  assert.match(alone.explanation, /Only the micro half ran/);
  const growing = expectVerdict('idle-is-free', [...MICRO, ...served(4, 5, 2)], 'undecided');
  assert.match(missingOf(growing), /contradicts the turns: epollServerGrowth0To1000/);
  expectVerdict('idle-is-free', [...MICRO, ...served(4, 1, 1)], 'undecided');
  expectVerdict('idle-is-free', [...MICRO, ...served(4, 5, 1.25)], 'holds');
});

test('idle-is-free: the most connections count as well as 1 000', () => {
  const most = served(90, 100, 3, 19_900).filter(({ factors }) => factors.idle !== 0);
  const open = expectVerdict('idle-is-free', [...MICRO, ...served(4, 5, 1), ...most], 'undecided');
  assert.match(missingOf(open), /epollServerGrowth0To19900/);
});

test('idle-is-free: a server cannot save turns that fail', () => {
  const flat = MICRO.map((plant) => turn(plant.poller, Number(plant.factors.watched), 400));
  expectVerdict('idle-is-free', [...flat, ...served(4, 5, 1)], 'fails');
});
