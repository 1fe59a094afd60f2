import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredCell } from '../../harness/results/run-schema.js';
import { medianInterval } from '../../harness/statistics/bootstrap.js';
import { randomFrom } from '../../harness/statistics/random.js';
import { samePairs, shareApart } from './same-conditions.js';

const random = randomFrom(11);
/** About normal, of standard deviation 1. */
const normal = () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);

/** What an experiment says of a cost of 1 000 ns; `shift`: what its minute of the machine adds for all of its launches. */
function cellOf(experiment: string, watched: number, shift: number, factors = {}): MeasuredCell {
  const rounds = Array.from({ length: 5 }, () => {
    const launch = 10 * normal();
    return Array.from({ length: 5 }, () => 1000 + shift + launch + 10 * normal());
  });
  const { value, low, high, n, launches } = medianInterval(rounds, { seed: 1 });
  return {
    id: `${experiment}/poll/pollcost/watched=${watched}`,
    ...{ experiment, poller: 'poll', series: 'pollcost', status: 'measured', flags: [] },
    factors: { watched, ...factors },
    metrics: { cpuNsPerTurn: { value, low, high, unit: 'ns', n, launches } },
  };
}

const runOf = (shift: () => number) => ({
  cells: Array.from({ length: 150 }, (_, watched) => [
    cellOf('watched-fds', watched, shift()),
    cellOf('workload-grid', watched, shift(), { life: 'standing', churnPer100: 0, instance: 'kept' }),
  ]).flat(),
});

test('intervals that mean what they say leave one pair in twenty apart', () => {
  const pairs = samePairs(runOf(() => 0));
  assert.equal(pairs.length, 150);
  assert.ok((shareApart(pairs) ?? 1) <= 0.08, `${shareApart(pairs)}`);
});

test('what all launches of an experiment share, and its interval cannot see, is counted', () => {
  const share = shareApart(samePairs(runOf(() => 60 * normal())));
  assert.ok((share ?? 0) > 0.3, `${share}`);
});

test('only the same conditions are compared, and only between two experiments', () => {
  const cells = [
    cellOf('watched-fds', 1, 0),
    cellOf('watched-fds', 2, 0),
    cellOf('temperature', 1, 0, { temperature: 'cold' }),
    { ...cellOf('few-sockets', 1, 0), poller: 'epoll' },
  ];
  assert.deepEqual(samePairs({ cells }), []);
  assert.equal(shareApart([]), null);
});

test('what every sample says is compared apart from what was at full speed', () => {
  const at = (value: number, width: number) => ({ value, low: value - width, high: value + width });
  const cells = (['watched-fds', 'temperature'] as const).map(
    (experiment, index): MeasuredCell => ({
      ...cellOf(experiment, 1, 0),
      metrics: {
        cpuNsPerTurn: {
          ...at(1000, 10),
          unit: 'ns',
          n: 9,
          launches: 3,
          share: 0.5,
          all: at(1000 + 800 * index, 50),
        },
      },
    }),
  );
  assert.equal(shareApart(samePairs({ cells })), 0);
  assert.equal(shareApart(samePairs({ cells }, 'all')), 1);
});
