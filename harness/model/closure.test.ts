import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellId } from '../results/cell-id.js';
import type { Cell } from '../results/run-schema.js';
import { CLOSES_WITHIN, closuresOf } from './closure.js';
import type { CostModel } from './cost-model.js';

/** A live server whose every part is planted: what closes then is arithmetic. */

const figure = (value: number) => ({
  value,
  low: value * 0.98,
  high: value * 1.02,
  unit: 'ns' as const,
  n: 9,
  launches: 3,
});

function cell(
  experiment: string,
  poller: Cell['poller'],
  factors: Cell['factors'],
  metrics: Record<string, number>,
): Cell {
  const id = cellId(experiment, poller, 'pollcost', factors);
  const figures = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, figure(value)]));
  return {
    id,
    experiment,
    poller,
    series: 'pollcost',
    status: 'measured',
    flags: [],
    factors,
    metrics: figures,
  };
}

const HOT = { poll: 200_000, epoll: 600 };
/** Slept turns at 100 and at 1 000 wake-ups a second. */
const SLEPT = { poll: [400_000, 300_000], epoll: [40_000, 20_000] } as const;
const HANDLER = 9000;

const models = (['poll', 'epoll'] as const).map(
  (poller) => ({ poller, predict: () => figure(HOT[poller]) }) as unknown as CostModel,
);

const sleptCells = (['poll', 'epoll'] as const).flatMap((poller) =>
  [100, 1000].map((wakesPerSecond, index) =>
    cell(
      'temperature',
      poller,
      { watched: 1000, ready: 1, timeout: 'slept', wakesPerSecond, fileTable: 'private' },
      { cpuNsPerTurn: SLEPT[poller][index] as number },
    ),
  ),
);

interface Live {
  readonly turns: number;
  readonly slept: number;
  readonly events: number;
  /** What a turn's wait costs in truth. */
  readonly wait: number;
}

const server = (poller: Cell['poller'], { turns, slept, events, wait }: Live): Cell =>
  cell(
    'server',
    poller,
    {
      idle: 1000,
      active: 0,
      load: 'open',
      ratePerSecond: 1000,
      phase: 'spread',
      app: 'http',
      fileTable: 'private',
    },
    {
      turnsPerSecond: turns,
      sleptTurnsPerSecond: slept,
      eventsPerTurn: events,
      cpuShare: (turns * (wait + events * HANDLER)) / 1e9,
    },
  );

const close = (poll: Live, epoll: Live) => {
  const [closure] = closuresOf(
    { cells: [...sleptCells, server('poll', poll), server('epoll', epoll)] },
    models,
  );
  assert.ok(closure);
  return closure;
};

test('turns that all sleep close on the slept cells of their rate', () => {
  const closure = close(
    { turns: 1000, slept: 1000, events: 1, wait: SLEPT.poll[1] },
    { turns: 1000, slept: 1000, events: 1, wait: SLEPT.epoll[1] },
  );
  assert.ok(Math.abs(closure.residual) < 1e-9, JSON.stringify(closure));
  assert.ok(!closure.isBeyondRates);
  assert.ok(
    closure.predicted.low < closure.predicted.value && closure.measured.high > closure.measured.value,
  );
});

test('between two rates the cost is interpolated; beyond them the nearest is taken, and said', () => {
  const rate = Math.sqrt(100 * 1000);
  const between = (poller: 'poll' | 'epoll') => (SLEPT[poller][0] + SLEPT[poller][1]) / 2;
  const live = (poller: 'poll' | 'epoll') => ({ turns: rate, slept: rate, events: 1, wait: between(poller) });
  assert.ok(Math.abs(close(live('poll'), live('epoll')).residual) < 1e-9);
  const fast = (poller: 'poll' | 'epoll') => ({
    turns: 5000,
    slept: 5000,
    events: 1,
    wait: SLEPT[poller][1],
  });
  assert.ok(close(fast('poll'), fast('epoll')).isBeyondRates);
});

test('a saturated poll that handles more events in a turn closes, its handlers counted', () => {
  const closure = close(
    { turns: 2000, slept: 0, events: 20, wait: HOT.poll },
    { turns: 20_000, slept: 0, events: 2, wait: HOT.epoll },
  );
  assert.ok(Math.abs(closure.residual) < 1e-9, JSON.stringify(closure));
  assert.deepEqual(closure.sleptShare, { poll: 0, epoll: 0 });
});

test('a wait that costs half as much again as cells and model say does not close', () => {
  const closure = close(
    { turns: 1000, slept: 1000, events: 1, wait: 1.5 * SLEPT.poll[1] },
    { turns: 1000, slept: 1000, events: 1, wait: SLEPT.epoll[1] },
  );
  assert.ok(Math.abs(closure.residual) > CLOSES_WITHIN);
});

test('without slept cells, a model or the other poller there is nothing to close', () => {
  const live = server('poll', { turns: 1000, slept: 1000, events: 1, wait: 1 });
  const other = server('epoll', { turns: 1000, slept: 1000, events: 1, wait: 1 });
  assert.deepEqual(closuresOf({ cells: [live, other] }, models), []);
  assert.deepEqual(closuresOf({ cells: [...sleptCells, live, other] }, []), []);
  assert.deepEqual(closuresOf({ cells: [...sleptCells, live] }, models), []);
});
