import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headlinesOf, quotientOf } from './headlines.js';
import type { Cell } from './run-schema.js';

const cell = (poller: string, watched: number, value: number): Cell => ({
  id: `watched-fds/${poller}/pollcost/watched=${watched}`,
  ...{ experiment: 'watched-fds', poller, series: 'pollcost', status: 'measured', flags: [] },
  factors: {
    ...{ watched, ready: 1, position: 'last', timeout: 'finite', wakesPerSecond: 0 },
    ...{ temperature: 'hot', fileTable: 'private', socket: 'tcp' },
  },
  metrics: { cpuNsPerTurn: { value, low: value * 0.9, high: value * 1.1, unit: 'ns', n: 5, launches: 2 } },
});

const sizes = (headlines: ReturnType<typeof headlinesOf>) =>
  headlines.map(({ title }) => title.match(/\d+/g));

test('figures are taken at the smallest and the largest size that most runs have which measured them', () => {
  const small = { cells: [cell('poll', 1, 100), cell('poll', 100, 400)] };
  const large = { cells: [cell('poll', 1, 100), cell('poll', 100, 500), cell('poll', 1000, 5000)] };
  const headlines = headlinesOf([small, large, { cells: [] }]);
  assert.deepEqual(sizes(headlines), [['1', '100'], ['1'], ['100']]);
  const [growth, , turn] = headlines;
  assert.deepEqual(
    turn?.rows.map(({ poll }) => poll?.value ?? null),
    [400, 500, null],
  );
  assert.deepEqual(
    growth?.rows.map(({ poll }) => poll && Math.round(poll.value * 100) / 100),
    [4, 5, null],
  );
});

test('one run that could not go so far does not keep the others from it, and is left open there', () => {
  const few = { cells: [cell('poll', 1, 100)] };
  const many = { cells: [cell('poll', 1, 100), cell('poll', 500, 900)] };
  const [growth, , turn] = headlinesOf([many, few, many]);
  assert.deepEqual(
    turn?.rows.map(({ poll }) => poll?.value ?? null),
    [900, null, 900],
  );
  assert.equal(growth?.rows[1]?.poll, null);
});

test('figures of other conditions are not taken for the same, but for the file table', () => {
  const ready = (watched: number, fileTable: string): Cell => ({
    ...cell('poll', watched, watched),
    experiment: 'ready-fds',
    factors: {
      watched,
      ready: 10,
      position: 'even',
      timeout: 'zero',
      fileTable,
      socket: 'tcp',
      life: 'standing',
    },
  });
  const [headline, ...others] = headlinesOf([
    { cells: [ready(100, 'private'), ready(1000, 'private')] },
    { cells: [ready(100, 'shared')] },
  ]);
  assert.equal(others.length, 0);
  assert.match(headline?.title ?? '', /10 of 100 ready/);
  assert.deepEqual(
    headline?.rows.map(({ poll }) => poll?.value),
    [100, 100],
  );
});

test('a poller that a run has not is left open there, and one size alone has no growth', () => {
  const [turn, ...others] = headlinesOf([
    { cells: [cell('poll', 10, 100)] },
    { cells: [cell('epoll', 10, 50)] },
  ]);
  assert.equal(others.length, 0);
  assert.deepEqual(turn?.pollers, ['poll', 'epoll']);
  assert.equal(turn?.rows[0]?.epoll, null);
  assert.equal(turn?.rows[1]?.epoll?.value, 50);
});

test('nothing shared is no headline, and a quotient of nothing is none', () => {
  assert.deepEqual(headlinesOf([{ cells: [cell('poll', 1, 1)] }, { cells: [cell('poll', 2, 1)] }]), []);
  assert.equal(quotientOf(null, null), null);
  const zero = { value: 0, low: 0, high: 0 };
  assert.equal(quotientOf(zero, zero), null);
  const quotient = quotientOf({ value: 8, low: 6, high: 10 }, { value: 2, low: 1.9, high: 2.1 });
  assert.equal(quotient?.value, 4);
  assert.ok(quotient && quotient.low > 2.85 && quotient.low < 3 && quotient.high > 5 && quotient.high < 5.1);
});
