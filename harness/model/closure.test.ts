import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../results/run-schema.js';
import { CLOSES_WITHIN, closuresOf } from './closure.js';
import type { CostModel } from './cost-model.js';
import type { Turn } from './terms.js';
import { measuredCell } from './testing/planted-costs.js';

/** A live server whose every part is planted: what closes then is arithmetic. */

const figure = (value: number) => ({
  value,
  low: value * 0.98,
  high: value * 1.02,
  unit: 'ns' as const,
  n: 9,
  launches: 3,
});

const cell = (
  experiment: string,
  poller: Cell['poller'],
  factors: Cell['factors'],
  metrics: Record<string, number>,
): Cell =>
  measuredCell(
    poller,
    experiment,
    factors,
    Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, figure(value)])),
  );

const HOT = { poll: 200_000, epoll: 600 };
/** Slept turns that were asleep for 10 ms and for 1 ms. */
const SLEPT = { poll: [400_000, 300_000], epoll: [40_000, 20_000] } as const;
const ASLEEP_NS = [1e7, 1e6] as const;
/** What a message takes in cells of which one fd is ready, and 100 are. */
const MESSAGE = { poll: [9000, 4500], epoll: [4500, 3000] } as const;
const HANDLER = 9000;

const models = (['poll', 'epoll'] as const).map(
  (poller) =>
    ({ poller, predict: () => figure(HOT[poller]), shares: () => new Map() }) as unknown as CostModel,
);

const sleptCells = (['poll', 'epoll'] as const).flatMap((poller) =>
  SLEPT[poller].map((cpuNsPerTurn, index) =>
    cell(
      'temperature',
      poller,
      {
        watched: 1000,
        ready: 1,
        timeout: 'slept',
        wakesPerSecond: [100, 1000][index] as number,
        fileTable: 'private',
      },
      { cpuNsPerTurn, wallNsPerTurn: cpuNsPerTurn + (ASLEEP_NS[index] as number) },
    ),
  ),
);

const messageCellsAt = (churnPer100: number, factor = 1) =>
  (['poll', 'epoll'] as const).flatMap((poller) =>
    MESSAGE[poller].map((messageNsPerEvent, index) =>
      cell(
        'workload-grid',
        poller,
        {
          watched: 1000,
          ready: [1, 100][index] as number,
          timeout: 'finite',
          life: 'consumed-rotating',
          churnPer100,
          fileTable: 'private',
        },
        { messageNsPerEvent: factor * messageNsPerEvent },
      ),
    ),
  );
const messageCells = messageCellsAt(0);

interface Live {
  readonly turns: number;
  readonly slept: number;
  readonly events: number;
  /** What a turn's wait costs in truth. */
  readonly wait: number;
  readonly handler?: number;
  /** For how long each slept turn was asleep. */
  readonly asleepNs?: number;
}

/** In a second that is as long as its turns take: the planted rates are of the time in which the loop was awake or slept. */
const server = (
  poller: Cell['poller'],
  { turns, slept, events, wait, handler = HANDLER, asleepNs = ASLEEP_NS[1] }: Live,
): Cell => {
  const busyNs = turns * (wait + events * handler);
  const seconds = (busyNs + slept * asleepNs) / 1e9;
  return cell(
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
      turnsPerSecond: turns / seconds,
      sleptTurnsPerSecond: slept / seconds,
      eventsPerTurn: events,
      cpuShare: busyNs / 1e9 / seconds,
    },
  );
};

const close = (poll: Live, epoll: Live, others: readonly Cell[] = []) => {
  const [closure] = closuresOf(
    { cells: [...sleptCells, ...others, server('poll', poll), server('epoll', epoll)] },
    models,
  );
  assert.ok(closure);
  return closure;
};

test('turns that all sleep close on the slept cells that were asleep as long', () => {
  const closure = close(
    { turns: 1000, slept: 1000, events: 1, wait: SLEPT.poll[1] },
    { turns: 1000, slept: 1000, events: 1, wait: SLEPT.epoll[1] },
  );
  assert.ok(Math.abs(closure.residual) < 1e-9, JSON.stringify(closure));
  assert.ok(!closure.isBeyondSleeps);
  assert.ok(
    closure.predicted.low < closure.predicted.value && closure.measured.high > closure.measured.value,
  );
});

test('between two sleeps the cost is interpolated; beyond them the nearest is taken, and said', () => {
  const asleepNs = Math.sqrt(ASLEEP_NS[0] * ASLEEP_NS[1]);
  const middle = (poller: 'poll' | 'epoll') => (SLEPT[poller][0] + SLEPT[poller][1]) / 2;
  const live = (poller: 'poll' | 'epoll') => ({
    turns: 300,
    slept: 300,
    events: 1,
    wait: middle(poller),
    asleepNs,
  });
  const inside = close(live('poll'), live('epoll'));
  assert.ok(Math.abs(inside.residual) < 1e-9 && !inside.isBeyondSleeps, JSON.stringify(inside));
  const short = (poller: 'poll' | 'epoll') => ({
    turns: 5000,
    slept: 5000,
    events: 1,
    wait: SLEPT[poller][1],
    asleepNs: 50_000,
  });
  const beyond = close(short('poll'), short('epoll'));
  assert.ok(Math.abs(beyond.residual) < 1e-9 && beyond.isBeyondSleeps, JSON.stringify(beyond));
});

test('how long turns were asleep decides, not how many a second there were', () => {
  // A poller that is busy for most of a second sleeps as shortly at fewer wake-ups.
  const live = { turns: 600, slept: 600, events: 1, asleepNs: ASLEEP_NS[1] };
  const closure = close({ ...live, wait: SLEPT.poll[1] }, { ...live, wait: SLEPT.epoll[1] });
  assert.ok(Math.abs(closure.residual) < 1e-9, JSON.stringify(closure));
});

test('handlers behind a scan that drives them out of the caches are dearer by what messages are', () => {
  const epoll = { turns: 8000, slept: 8000, events: 1, wait: SLEPT.epoll[1] };
  const poll = { turns: 4000, slept: 0, events: 1, wait: HOT.poll, handler: 2 * HANDLER };
  const closure = close(poll, epoll, messageCells);
  assert.ok(Math.abs(closure.residual) < 1e-9, JSON.stringify(closure));
  assert.equal(closure.dearerHandlers.atOnce?.value, 2);
  assert.ok(close(poll, epoll).residual < -0.02, 'no cell says it: nothing is added');
});

test('what a message takes is the mean of the cells that say it, however many registrations are replaced beside', () => {
  const epoll = { turns: 8000, slept: 8000, events: 1, wait: SLEPT.epoll[1] };
  const poll = { turns: 4000, slept: 0, events: 1, wait: HOT.poll, handler: 2 * HANDLER };
  const cheaper = messageCellsAt(100, 0.5).filter((one) => one.poller === 'poll');
  assert.equal(close(poll, epoll, [...messageCells, ...cheaper]).dearerHandlers.atOnce?.value, 1.5);
});

test('handlers drive a scan out of the caches by as much more than messages do as they take longer', () => {
  const DRIVEN_OUT = 15_000;
  const driving = models.map((model) =>
    model.poller === 'poll' ? { ...model, shares: () => new Map([['c16', DRIVEN_OUT]]) as never } : model,
  );
  const more = DRIVEN_OUT * (HANDLER / MESSAGE.epoll[0] - 1);
  const epoll = { turns: 8000, slept: 8000, events: 1, wait: SLEPT.epoll[1] };
  const poll = { turns: 4000, slept: 0, events: 1, wait: HOT.poll + more, handler: 2 * HANDLER };
  const cells = (others: readonly Cell[]) => [
    ...sleptCells,
    ...others,
    server('poll', poll),
    server('epoll', epoll),
  ];
  const [closure] = closuresOf({ cells: cells(messageCells) }, driving);
  assert.ok(closure && Math.abs(closure.residual) < 1e-9, JSON.stringify(closure));
  const [without] = closuresOf({ cells: cells(messageCells) }, models);
  assert.ok(without && without.residual < -0.05, 'a model without that term adds nothing');
  // Behind a sleep the caches are cold already, and what is predicted comes from cells that slept.
  const sleeping = { turns: 1000, slept: 1000, events: 1 };
  const [slept] = closuresOf(
    {
      cells: [
        ...sleptCells,
        ...messageCells,
        server('poll', { ...sleeping, wait: SLEPT.poll[1] }),
        server('epoll', { ...sleeping, wait: SLEPT.epoll[1] }),
      ],
    },
    driving,
  );
  assert.ok(slept && Math.abs(slept.residual) < 1e-9, JSON.stringify(slept));
});

test('the more messages a turn has, the less a scan takes from each', () => {
  const epoll = { turns: 20_000, slept: 0, events: 1, wait: HOT.epoll };
  const poll = { turns: 2000, slept: 0, events: 100, wait: HOT.poll };
  assert.equal(close(poll, epoll, messageCells).dearerHandlers.atOnce?.value, 1);
  assert.ok(Math.abs(close(poll, epoll, messageCells).residual) < 1e-9);
});

test('behind a sleep a scan makes handlers dearer by what reading a message is behind the sleeps of cells', () => {
  const live = { turns: 1000, slept: 1000, events: 1 };
  const epoll = { ...live, wait: SLEPT.epoll[1] };
  const poll = { ...live, wait: SLEPT.poll[1], handler: 1.5 * HANDLER };
  const unread = close(poll, epoll, messageCells);
  assert.ok(
    unread.residual < -0.01 && unread.dearerHandlers.slept === null,
    'those between hot turns do not say it',
  );
  const readCells = sleptCells.map((slept) =>
    slept.status === 'measured'
      ? {
          ...slept,
          metrics: { ...slept.metrics, messageNsPerEvent: figure(slept.poller === 'poll' ? 6000 : 4000) },
        }
      : slept,
  );
  const [read] = closuresOf({ cells: [...readCells, server('poll', poll), server('epoll', epoll)] }, models);
  assert.ok(read && Math.abs(read.residual) < 1e-9, JSON.stringify(read));
  assert.equal(read.dearerHandlers.slept?.value, 1.5);
});

test('a turn that is woken in its first scan scans again without a sleep', () => {
  // What the counters show of 1000 turns, in each of whose first scans 0.2 events come, to half of them behind the scan.
  const begun = 700;
  const slept = begun * Math.exp(-0.2);
  const again = (begun - slept) / 2;
  const wait = ((slept + again) * SLEPT.poll[1] + (1000 - slept - again) * HOT.poll) / 1000;
  const epoll = { turns: 1000, slept: 1000, events: 1, wait: SLEPT.epoll[1] };
  const eventsInScan = (events: number) => {
    const poll = { turns: 1000, slept, events: 1, wait };
    const seconds = (1000 * (wait + HANDLER) + slept * ASLEEP_NS[1]) / 1e9;
    const firstScanNs = (events * seconds * 1e9) / 1000;
    return closuresOf(
      { cells: [...sleptCells, server('poll', poll), server('epoll', epoll)] },
      models.map((model) =>
        model.poller === 'poll'
          ? { ...model, predict: (turn: Turn) => figure(turn.beforeReady >= 1000 ? firstScanNs : HOT.poll) }
          : model,
      ),
    )[0]?.residual;
  };
  assert.ok(Math.abs(eventsInScan(0.2) ?? 1) < 1e-9, String(eventsInScan(0.2)));
  assert.ok((eventsInScan(0) ?? 0) < -0.02, 'without them the wait is predicted too cheap');
});

test('a poll that neither sleeps nor leaves any time to is no sleep of cells', () => {
  const closure = close(
    { turns: 4000, slept: 0, events: 1, wait: HOT.poll },
    { turns: 9000, slept: 0, events: 1, wait: HOT.epoll },
  );
  assert.ok(Math.abs(closure.residual) < 1e-9 && !closure.isBeyondSleeps, JSON.stringify(closure));
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
