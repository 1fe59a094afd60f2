import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClaim } from '../run/more-rounds.js';
import { judgeOpen } from './judge.js';
import { claims } from './registry.js';
import { conditionOf, expectVerdict, missingOf } from './testing/expect-verdict.js';
import * as few from './testing/planted-few.js';
import { around, type Planted, plantedEvidence } from './testing/planted-run.js';
import * as servers from './testing/planted-servers.js';
import { grid, growing, turn } from './testing/planted-turns.js';

/** A share of 1.2 % with launches that scatter so far that its own interval lies above 1 %, and one for twelve reaches below. */
const ALMOST = around(0.012, 0.06);

/** Of two degrees of freedom at 0.95 and at 1 - 0.05 / 12, as tables have them. */
const [STUDENT_OF_ONE, STUDENT_OF_TWELVE] = [4.303, 15.44];

test('what lies beyond a limit by its own interval alone is undecided, and says so', () => {
  const open = expectVerdict('busy-polling', servers.idleRun(0.99, ALMOST), 'undecided');
  const poll = open.effects.find(({ name }) => name === 'pollShareAt0');
  assert.ok(poll && poll.low > 0.01, 'its published interval is its own');
  assert.match(
    missingOf(open),
    /^more rounds: pollShareAt0 and pollShareAt10 and pollShareAt1000 lie beyond a limit by their own intervals, but not by intervals that hold for all 12 at once/,
  );
  assert.match(missingOf(open), /try --profile thorough$/);
});

test('more rounds are made of the cells that lie beyond a limit by their own intervals alone', () => {
  const definition = claims.find(({ id }) => id === 'busy-polling');
  assert.ok(definition);
  const judged = judgeOpen(definition, plantedEvidence(servers.idleRun(0.99, ALMOST)));
  assert.deepEqual(
    judged.open.map((id) => id.split('/')[1]),
    ['poll', 'poll', 'poll'],
  );
  assert.equal(openClaim(judged)?.effort, 2, 'as many again');
});

test('what is astride is named beside it', () => {
  const planted = [
    ...servers.idleRun(0.99, ALMOST).filter(({ poller }) => poller !== 'epoll'),
    ...[0, 10, 1000].map((idle) => servers.resting('epoll', idle, around(0.01, 0.2))),
  ];
  assert.match(
    missingOf(expectVerdict('busy-polling', planted, 'undecided')),
    /^more rounds: the interval of epollShareAt0 and epollShareAt10 and epollShareAt1000 straddles a limit; pollShareAt0 and /,
  );
});

test('one that lies beyond by the interval that holds for all of them fails, and the explanation says so', () => {
  const failed = expectVerdict('busy-polling', servers.idleRun(0.99, 0.02), 'fails');
  assert.match(
    failed.explanation,
    /what did, of pollShareAt0, pollShareAt10, pollShareAt1000, are intervals that hold for all 12 at once/,
  );
  const held = expectVerdict('busy-polling', servers.idleRun(0.99, 0.0002), 'holds');
  assert.doesNotMatch(held.explanation, /at once/);
});

test('joint intervals are wider, and of one alone its own', () => {
  const run = plantedEvidence(servers.idleRun(0.99, ALMOST));
  const widthFor = (intervals: number) => {
    const of = run.jointly(intervals);
    const cell = of.cell({ experiment: 'idle', poller: 'poll', factors: { idle: 0 } });
    const { low, high } = of.cost('share', cell, 'cpuShare');
    return high - low;
  };
  const [one, twelve] = [widthFor(1), widthFor(12)];
  assert.ok(Math.abs(twelve / one - STUDENT_OF_TWELVE / STUDENT_OF_ONE) < 0.01, `${twelve / one}`);
});

test('what all together bring about is decided by the interval of each', () => {
  const selectGrows = (growth: number): Planted[] => [
    turn('select-wide', 1, 400),
    { ...turn('select-wide', 1000, 0), metrics: { cpuNsPerTurn: around(400 * growth, 0.04) } },
    ...growing(0, 240, 1).filter(({ poller }) => poller !== 'select-wide'),
  ];
  expectVerdict('idle-is-free', selectGrows(21.1), 'holds');
  assert.match(
    missingOf(expectVerdict('idle-is-free', selectGrows(19.2), 'undecided')),
    /selectGrowth1To1000 lies beyond a limit by its own interval, but not by intervals that hold for all 3 at once/,
  );
  expectVerdict('idle-is-free', selectGrows(18), 'fails');
});

test('less-cpu-mostly: dearer with one active fd by own intervals alone is undecided', () => {
  const cycles = (cost: number): Planted[] => [
    ...grid(() => 500).map((plant) =>
      plant.poller === 'epoll' ? { ...plant, metrics: { cpuNsPerCycle: around(cost, 0.03) } } : plant,
    ),
    ...servers.loaded(50),
  ];
  const open = expectVerdict('less-cpu-mostly', cycles(1070), 'undecided');
  assert.match(missingOf(open), /Finite lie beyond a limit by their own intervals, .* for all 8 at once/);
  const failed = expectVerdict('less-cpu-mostly', cycles(1200), 'fails');
  assert.match(
    failed.explanation,
    /what did, of epollMinus\w+, .* and others, are intervals that hold for all 8 at once/,
  );
});

test('few-sockets-cpu: one condition that is cheaper, or the last one that is dearer, by own intervals alone is undecided', () => {
  const freshAt = (cost: number) =>
    few.turns({ steady: few.dear, churn: few.dear, fresh: () => cost }, null, 0.03);
  const cheaper = expectVerdict('few-sockets-cpu', freshAt(950), 'undecided');
  assert.match(
    missingOf(cheaper),
    /cheaper where a fresh instance .* that hold for all nine conditions at once/,
  );
  assert.match(conditionOf(expectVerdict('few-sockets-cpu', freshAt(900), 'holds-when')), /a fresh instance/);
  const dearer = expectVerdict('few-sockets-cpu', freshAt(1050), 'undecided');
  assert.match(
    missingOf(dearer),
    /dearer where a fresh instance .* for all figures of the condition at once/,
  );
  assert.match(expectVerdict('few-sockets-cpu', freshAt(1150), 'fails').explanation, /at once\.$/);
  const definition = claims.find(({ id }) => id === 'few-sockets-cpu');
  assert.ok(definition);
  for (const [cost, claim] of [
    [950, cheaper],
    [1050, dearer],
  ] as const) {
    const { wanted } = judgeOpen(definition, plantedEvidence(freshAt(cost)));
    assert.ok(wanted.length > 2, 'what more rounds are made of');
    for (const { name } of wanted) assert.ok(missingOf(claim).includes(name), name);
  }
});
