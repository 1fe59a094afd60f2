import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAll, positionBelow, positionOf, within } from './claim.js';
import { exact } from './evidence.js';
import { claims } from './registry.js';
import { expectVerdict, missingOf } from './testing/expect-verdict.js';
import { always, belowOnly, deaf, limits, noFiles, refusingFiles } from './testing/planted-limits.js';
import { around, type Planted } from './testing/planted-run.js';
import { byNumber, growing, scanning } from './testing/planted-turns.js';

test('an interval inside the limits, outside and astride', () => {
  const limits = { from: 1.5, to: 2.5 };
  assert.equal(positionOf({ low: 1.5, high: 2.5 }, limits), 'inside');
  assert.equal(positionOf({ low: 0.9, high: 1.49 }, limits), 'outside');
  assert.equal(positionOf({ low: 2.6, high: 3 }, limits), 'outside');
  assert.equal(positionOf({ low: 1.4, high: 2 }, limits), 'astride');
  assert.equal(positionOf({ low: 1, high: 3 }, limits), 'astride');
});

test('a limit that has to be undercut does not belong to the inside', () => {
  assert.equal(positionBelow({ low: 0.5, high: 0.99 }, 1), 'inside');
  assert.equal(positionBelow({ low: 0.5, high: 1 }, 1), 'astride');
  assert.equal(positionBelow({ low: 1, high: 1 }, 1), 'outside');
});

test('one effect outside fails whatever the others say; one astride leaves it undecided and is named', () => {
  const at = (name: string, value: number) => exact(name, value, 'ratio', true);
  const wide = { ...at('wide', 1), low: 0.5, high: 1.5 };
  assert.deepEqual(judgeAll([within(at('a', 1), { to: 2 })]), { verdict: 'holds' });
  assert.deepEqual(judgeAll([within(at('a', 3), { to: 2 }), within(wide, { to: 1 })]), { verdict: 'fails' });
  const open = judgeAll([within(at('a', 1), { to: 2 }), within(wide, { to: 1 })]);
  assert.equal(open.verdict, 'undecided');
  assert.match('missing' in open ? open.missing : '', /interval of wide straddles/);
});

test('highest-fd: a planted doubling holds, equal costs fail, a straddling ratio is undecided', () => {
  expectVerdict('highest-fd', byNumber(400, 760), 'holds');
  const failed = expectVerdict('highest-fd', byNumber(400, 402), 'fails');
  const difference = failed.effects.find(({ name }) => name === 'difference100Minus50InWatchedFds');
  assert.ok(difference && !difference.decides);
  assert.ok(Math.abs(difference.value - 2 / ((4000 - 402) / 50)) < 0.01);
  const open = expectVerdict('highest-fd', byNumber(around(400, 0.3), 600), 'undecided');
  assert.match('missing' in open ? open.missing : '', /selectCostRatio100Over50/);
});

test('no verdict rests on less than the noise floor', () => {
  const closeToTheLimit = byNumber(400, 612);
  expectVerdict('highest-fd', closeToTheLimit, 'holds', 1.001);
  const open = expectVerdict('highest-fd', closeToTheLimit, 'undecided', 1.05);
  const [ratio] = open.effects;
  assert.ok(ratio && ratio.low < 1.5, 'the published interval is the one that decided');
});

test('an experiment that compares identical pollers has a noise floor of its own', () => {
  const again = (ratio: number): Planted => ({
    ...(byNumber(400, 612)[0] as Planted),
    series: 'pollcost-again',
    metrics: { cpuNsPerTurn: 400 * ratio },
  });
  expectVerdict('highest-fd', [...byNumber(400, 612), again(1.001)], 'holds', 1.05);
  expectVerdict('highest-fd', [...byNumber(400, 612), again(1.05)], 'undecided', 1.001);
  expectVerdict('highest-fd', [...byNumber(400, 612), again(0.95)], 'undecided', 1.001);
});

test('highest-fd: what was not measured is undecided and says what to do', () => {
  const open = expectVerdict('highest-fd', [], 'undecided');
  assert.match('missing' in open ? open.missing : '', /experiment highest-fd did not run/);
  assert.deepEqual(open.effects, []);
});

test('idle-is-free: growth of select and poll with a flat epoll holds; swapping the labels flips it', () => {
  expectVerdict('idle-is-free', growing(120, 240, 1), 'holds');
  expectVerdict('idle-is-free', growing(1, 1, 120), 'fails');
  expectVerdict('idle-is-free', growing(120, 240, 2), 'fails');
  expectVerdict('idle-is-free', growing(10, 240, 1), 'fails');
  expectVerdict('idle-is-free', growing(120, 20, 1), 'undecided');
});

test('idle-is-free: a skipped cell is named with its reason', () => {
  const skipped = growing(120, 240, 1).map((plant) =>
    plant.poller === 'poll' && plant.factors.watched === 1000 ? { ...plant, skipped: 'too few fds' } : plant,
  );
  const open = expectVerdict('idle-is-free', skipped, 'undecided');
  assert.match('missing' in open ? open.missing : '', /poller = poll.*too few fds/);
});

test('beyond-fd-setsize: all four outcomes', () => {
  const asLinuxDoes = { select: belowOnly, 'select-wide': always, poll: always, epoll: noFiles };
  const claim = expectVerdict('beyond-fd-setsize', limits(asLinuxDoes), 'holds-when');
  assert.match('condition' in claim ? claim.condition : '', /1 024 bits/);
  expectVerdict('beyond-fd-setsize', limits({ ...asLinuxDoes, 'select-wide': belowOnly }), 'holds');
  expectVerdict('beyond-fd-setsize', limits({ ...asLinuxDoes, select: always }), 'fails');
  expectVerdict('beyond-fd-setsize', limits({ ...asLinuxDoes, poll: deaf }), 'fails');
});

test('regular-files: holds as Linux does it, fails when one poller does otherwise', () => {
  const asLinuxDoes = { select: always, 'select-wide': always, poll: always, epoll: noFiles };
  expectVerdict('regular-files', limits(asLinuxDoes), 'holds');
  expectVerdict('regular-files', limits({ ...asLinuxDoes, epoll: always }), 'fails');
  expectVerdict('regular-files', limits({ ...asLinuxDoes, poll: deaf }), 'fails');
});

test('regular-files: another error than EPERM fails, and one that was not asked of the kernel decides nothing', () => {
  const asLinuxDoes = { select: always, poll: always, epoll: noFiles };
  const ENOSYS = 38;
  const other = expectVerdict(
    'regular-files',
    limits({ ...asLinuxDoes, epoll: refusingFiles(ENOSYS) }),
    'fails',
  );
  assert.match(other.finding, /epoll refuses it with error 38\.$/);
  const unasked = limits({ ...asLinuxDoes, epoll: () => [0, 0] });
  assert.match(missingOf(expectVerdict('regular-files', unasked, 'undecided')), /registerErrno/);
});

test('scan-after-select: growth decides, by count', () => {
  expectVerdict('scan-after-select', scanning(60, 4000, 1), 'holds');
  expectVerdict('scan-after-select', scanning(60, 4000, 3), 'fails');
  expectVerdict('scan-after-select', scanning(1, 4000, 1), 'fails');
});

test('scan-after-select: a span too short to tell is undecided', () => {
  const short = scanning(60, 4000, 1).map((plant) => ({
    ...plant,
    factors: { ...plant.factors, watched: plant.factors.watched === 1 ? 500 : 4000 },
  }));
  const open = expectVerdict('scan-after-select', short, 'undecided');
  assert.match('missing' in open ? open.missing : '', /factor of 10/);
  const few = scanning(1, 100, 1).map((plant) => ({
    ...plant,
    factors: { ...plant.factors, watched: plant.factors.watched === 1 ? 1 : 100 },
  }));
  expectVerdict('scan-after-select', few, 'undecided');
});

test('every claim names its experiments, fixes its rule, and is undecided without any evidence', () => {
  for (const definition of claims) {
    assert.ok(definition.evidence.length > 0);
    assert.ok(definition.rule.text.length > 40);
    expectVerdict(definition.id, [], 'undecided');
  }
});
