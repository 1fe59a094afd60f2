import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentPlan } from '../experiments/experiment.js';
import type { SampleLine } from '../results/samples-schema.js';
import { SampleStore } from './sample-store.js';
import { speedLine, speedOf, summarise } from './summary.js';

/** Samples at planted speeds, and what the summary makes of them. */

const SLOWER = 1.8;
const series = [{ name: 'pollcost' as const }, { name: 'c-twin' as const }];
const visit = (poller: string) => ({ poller, factors: { watched: 10 }, conditions: {}, series });
const plan = {
  id: 'grid',
  visits: [visit('poll'), visit('epoll')],
  launches: [],
  warnings: [],
} as ExperimentPlan;
const TRUTH = { 'poll pollcost': 1000, 'poll c-twin': 900, 'epoll pollcost': 200, 'epoll c-twin': 120 };

interface Made {
  readonly slow: boolean;
  readonly slower?: number;
}

/** `madeIn` says how each sample of a cell and round went, those made again behind the first. */
function storeOf(
  launches: number,
  rounds: number,
  madeIn: (cell: string, launch: number, round: number) => Made[],
) {
  const store = new SampleStore();
  for (let launch = 0; launch < launches; launch++) {
    for (let round = 0; round < rounds; round++) {
      const at = { experiment: 'grid', launch, round };
      const samples = Object.entries(TRUTH).flatMap(([cell, truth]) =>
        madeIn(cell, launch, round).flatMap(({ slow, slower = SLOWER }): SampleLine[] => {
          const [poller, name] = cell.split(' ');
          const wobble = 1 + 0.004 * (((launch * 7 + round * 3) % 5) - 2);
          const ns = 3.2 * (slow ? slower : 1) * wobble;
          const line = (
            of: Pick<SampleLine & { kind: 'sample' }, 'cell' | 'speed' | 'metrics'>,
          ): SampleLine => ({
            kind: 'sample',
            ...at,
            turns: 10,
            ...of,
          });
          const metrics = { cpuNsPerTurn: truth * (slow ? slower : 1) * wobble };
          const made = line({
            cell: `grid/${poller}/${name}/watched=10`,
            speed: { before: ns, after: ns },
            metrics,
          });
          // Far enough apart that none is around the next.
          return [made, ...Array.from({ length: 4 }, () => line({ cell: 'grid/between', metrics: {} }))];
        }),
      );
      const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
      store.add(samples);
      store.add([{ kind: 'round', ...at, startedAt: '', seconds: 1, sentinels, flags: [] }]);
    }
  }
  return store;
}

const figureOf = (store: SampleStore, poller: string, metric = 'cpuNsPerTurn') => {
  const cell = summarise(plan, store, 1, undefined).find(
    (each) => each.poller === poller && each.series === 'pollcost',
  );
  const figure = cell?.status === 'measured' ? cell.metrics[metric] : undefined;
  assert.ok(figure);
  return figure;
};
const near = (value: number, truth: number, by = 0.03) =>
  assert.ok(Math.abs(value / truth - 1) <= by, `${value} instead of ${truth}`);

test('figures are those at full speed, what every sample says stands beside, and how many were at it', () => {
  // Two of three rounds of poll are disturbed, epoll never.
  const store = storeOf(3, 6, (cell, _launch, round) => [
    { slow: cell.startsWith('poll') && round % 3 !== 0 },
  ]);
  const poll = figureOf(store, 'poll');
  near(poll.value, 1000);
  near(poll.all?.value ?? 0, 1800);
  near(poll.share ?? 0, 1 / 3, 1e-9);
  assert.equal(poll.n, 6);
  const epoll = figureOf(store, 'epoll');
  near(epoll.value, 200);
  assert.deepEqual(epoll.all, { value: epoll.value, low: epoll.low, high: epoll.high });
  assert.equal(epoll.share, 1);
  near(
    store
      .rounds('cpuNsPerTurn', ['grid/poll/pollcost/watched=10', 'grid/epoll/pollcost/watched=10'])[0]
      ?.flat()[0] ?? 0,
    1000,
  );
  near(speedOf(store).fullSpeedNs ?? 0, 3.2);
  near(speedOf(store).shareAtFullSpeed ?? 0, 2 / 3, 1e-9);
});

test('a slow batch that was made again counts with what was at full speed, and both are among all', () => {
  const store = storeOf(2, 6, (cell) =>
    cell === 'poll pollcost'
      ? [{ slow: true }, { slow: true, slower: 7 }, { slow: false }]
      : [{ slow: false }],
  );
  const poll = figureOf(store, 'poll');
  near(poll.value, 1000);
  assert.equal(poll.n, 12);
  near(poll.share ?? 0, 1 / 3, 1e-9);
  near(poll.all?.value ?? 0, 1800);
  near(figureOf(store, 'poll', 'netNsPerTurn').value, 900);
  near(figureOf(store, 'poll', 'bindingNsPerTurn').value, 100, 0.05);
});

test('a cell that full speed was hardly seen in has a figure of all rounds, and says how small the share is', () => {
  const never = storeOf(3, 6, (cell) => [{ slow: cell.startsWith('poll') }]);
  near(figureOf(never, 'poll').value, 1800);
  assert.equal(figureOf(never, 'poll').share, 0);
  const once = storeOf(3, 6, (cell, launch, round) => [
    { slow: cell.startsWith('poll') && !(launch === 0 && round === 0) },
  ]);
  assert.equal(figureOf(once, 'poll').n, 18);
  near(figureOf(once, 'poll').share ?? 0, 1 / 18, 1e-9);
});

test('without the sentinel the same disturbance makes figures wrong', () => {
  const store = storeOf(3, 6, (cell, _launch, round) => [
    { slow: cell.startsWith('poll') && round % 3 !== 0 },
  ]);
  const blind = store.roundsAtAnySpeed('cpuNsPerTurn', ['grid/poll/pollcost/watched=10'])[0]?.flat() ?? [];
  assert.ok(blind.filter((ns) => ns > 1500).length > blind.length / 2);
});

test('samples without a reading have neither share nor all', () => {
  const store = new SampleStore();
  const at = { experiment: 'grid', launch: 0, round: 0 };
  const cell = 'grid/poll/pollcost/watched=10';
  store.add([{ kind: 'sample', ...at, cell, turns: 1, metrics: { cpuNsPerTurn: 5 } }]);
  const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
  store.add([{ kind: 'round', ...at, startedAt: '', seconds: 1, sentinels, flags: [] }]);
  const { share, all, value } = figureOf(store, 'poll');
  assert.deepEqual([share, all, value], [undefined, undefined, 5]);
  assert.deepEqual(speedOf(store), { fullSpeedNs: null, shareAtFullSpeed: null });
});

test('a run says in one line how much of it was at full speed, and how slow the rest', () => {
  const store = storeOf(3, 6, (cell, _launch, round) => [
    { slow: cell.startsWith('poll') && round % 3 !== 0 },
  ]);
  assert.equal(
    speedLine(store.shareAtFullSpeed(), store.slowdown),
    '66 % of the samples at full speed, the rest 1.8 times slower: neighbours',
  );
  const calm = storeOf(3, 6, () => [{ slow: false }]);
  assert.equal(speedLine(calm.shareAtFullSpeed(), calm.slowdown), 'all samples at full speed');
  assert.equal(
    speedLine(0.95, 1.12),
    '95 % of the samples at full speed, the rest hardly slower: neighbours',
  );
  const unread = new SampleStore();
  assert.equal(speedLine(unread.shareAtFullSpeed(), unread.slowdown), null);
});

test('latencies are of every window, whatever the speed was, and an error counts wherever it was made', () => {
  const store = new SampleStore();
  const at = { experiment: 'server', launch: 0, round: 0 };
  const sample = (ns: number, latencyP99Us: number, errors: number): SampleLine => ({
    kind: 'sample',
    ...at,
    cell: 'server/epoll',
    turns: 1,
    speed: { before: ns, during: [ns], after: ns },
    metrics: { cpuUsPerRequest: latencyP99Us, latencyP99Us, errors },
  });
  const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
  for (let round = 0; round < 20; round++) {
    store.add([
      { ...sample(5.4, 300, 1), round },
      { ...sample(3.2, 200, 0), round },
    ] as SampleLine[]);
    store.add([{ kind: 'round', ...at, round, startedAt: '', seconds: 1, sentinels, flags: [] }]);
  }
  const valuesOf = (metric: string) => [...new Set(store.rounds(metric, ['server/epoll']).flat(2))];
  assert.deepEqual(valuesOf('cpuUsPerRequest'), [200]);
  assert.deepEqual(valuesOf('latencyP99Us'), [300]);
  assert.deepEqual(valuesOf('errors'), [1]);
});
