import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAll, positionBelow, positionOf, within } from './claim.js';
import { exact } from './evidence.js';
import { claims } from './registry.js';
import { expectVerdict } from './testing/expect-verdict.js';
import { around, type Planted } from './testing/planted-run.js';

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

const byNumber = (at50: number | readonly (readonly number[])[], at100: number, crowd = 4000): Planted[] => {
  const cell = (highestFd: number, watched: number, cost: Planted['metrics'][string]): Planted => ({
    experiment: 'highest-fd',
    poller: 'select',
    factors: { highestFd, watched },
    metrics: { cpuNsPerTurn: cost },
  });
  return [cell(50, 1, at50), cell(100, 1, at100), cell(100, 51, crowd)];
};

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

const turn = (poller: Planted['poller'], watched: number, cost: number, more: object = {}): Planted => ({
  experiment: 'watched-fds',
  poller,
  factors: { watched, ready: 1, position: 'last', timeout: 'zero', wakesPerSecond: 0, socket: 'tcp' },
  metrics: { cpuNsPerTurn: cost, scanNsPerTurn: 10, ...more },
});

const growing = (select: number, poll: number, epoll: number): Planted[] => [
  turn('select-wide', 1, 400),
  turn('select-wide', 1000, 400 * select),
  turn('poll', 1, 300),
  turn('poll', 1000, 300 * poll),
  turn('epoll', 1, 400),
  turn('epoll', 1000, 400 * epoll),
];

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

type Answer = [accepted: number, reported: number];
const PROBES = ['fd-1023', 'fd-1024', 'fd-4096', 'fd-highest', 'regular-file'];
const limits = (answers: Record<string, (probe: string) => Answer>): Planted[] =>
  Object.entries(answers).flatMap(([poller, answer]) =>
    PROBES.map((probe) => {
      const [accepted, reported] = answer(probe);
      const once = (value: number) => [[value]];
      return {
        experiment: 'limits',
        poller: poller as Planted['poller'],
        factors: { probe },
        metrics: { accepted: once(accepted), reported: once(reported) },
      };
    }),
  );
const always = (): Answer => [1, 1];
const belowOnly = (probe: string): Answer => (['fd-1023', 'regular-file'].includes(probe) ? [1, 1] : [0, 0]);
const noFiles = (probe: string): Answer => (probe === 'regular-file' ? [0, 0] : [1, 1]);
const deaf = (): Answer => [1, 0];

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

const scanning = (select: number, poll: number, epoll: number): Planted[] => {
  const cell = (poller: Planted['poller'], watched: number, fds: number) =>
    turn(poller, watched, 1000, { fdsExamined: [[fds, fds], [fds]] });
  return [
    cell('select-wide', 1, 2),
    cell('select-wide', 4000, 2 * select),
    cell('poll', 1, 1),
    cell('poll', 4000, poll),
    cell('epoll', 1, 1),
    cell('epoll', 4000, epoll),
  ];
};

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
