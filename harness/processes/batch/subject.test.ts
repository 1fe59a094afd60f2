import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LATER } from '../control/child.js';
import type { TurnSeries } from './protocol.js';
import { type Sentinel, UnitsLoop } from './sentinel.js';
import { BatchSubject } from './subject.js';
import type { Scene, Workload } from './workload.js';

interface Planted {
  readonly nsEach: number;
  readonly alone?: boolean;
  readonly fixed?: number;
}

/** A workload whose costs are known, and a log of what is asked of it. */
function planted() {
  const log: string[] = [];
  const workload: Workload<Planted> = {
    withScene(_pool, { poller, conditions: { nsEach } }, series, use) {
      log.push(`open ${poller} ${series.join('+')}`);
      const scene: Scene = {
        run(name, repetitions) {
          log.push(`run ${name} ${repetitions}`);
          return repetitions * nsEach;
        },
        measure(name, repetitions) {
          log.push(`measure ${name} ${repetitions}`);
          return { turns: repetitions, metrics: { cpuNsPerTurn: nsEach } };
        },
      };
      const result = use(scene);
      log.push('close');
      return result;
    },
    sceneOfItsOwn: ({ alone }) => alone ?? false,
    leadIn: (_, repetitions) => Math.ceil(repetitions / 10),
    fixedRepetitions: ({ fixed }) => fixed ?? null,
    secondCopyBatches: () => 12,
    warmUpKey: () => '',
    warmUp: (_, { poller, series }) => log.push(`warm up ${poller} ${series.join('+')}`),
  };
  let readings = 0;
  const sentinel: Sentinel = {
    read() {
      log.push('speed');
      return ++readings;
    },
  };
  const numbers = { first: 64, last: 200, spare: 1, mostPairs: 4 };
  const subject = new BatchSubject(workload, numbers, sentinel);
  const ask = <A>(answer: A | typeof LATER): A => {
    assert.notEqual(answer, LATER);
    return answer as A;
  };
  const { open, prepare, round } = subject.handlers;
  const ready = () => assert.fail('nothing is answered later');
  open({ socket: 'unix', size: 0 }, ready);
  return {
    log,
    prepare: (request: Parameters<typeof prepare>[0]) => ask(prepare(request, ready)).repetitions,
    round: (visit: number, series: readonly TurnSeries[]) =>
      ask(round({ steps: [{ visit, series }] }, ready)).samples,
  };
}

const LENGTHS = { batchMs: 1, sleptBatchMs: 20 };

test('speed is read right before and right after each batch, behind its lead-in, and stands in its sample', () => {
  const { log, prepare, round } = planted();
  const series = ['pollcost', 'c-twin'] as const;
  prepare({
    visits: [{ poller: 'poll', conditions: { nsEach: 1000 }, series }],
    ...LENGTHS,
    repetitions: [50],
  });
  log.length = 0;
  const samples = round(0, ['c-twin', 'pollcost']);
  assert.deepEqual(log, [
    'open poll c-twin+pollcost',
    ...['run c-twin 5', 'speed', 'measure c-twin 50', 'speed'],
    ...['run pollcost 5', 'speed', 'measure pollcost 50', 'speed'],
    'close',
  ]);
  for (const { speed } of samples) assert.equal(speed.after, speed.before + 1);
});

test('a visit whose series cannot share a scene sets up one for each', () => {
  const { log, prepare, round } = planted();
  const visit = {
    poller: 'poll',
    conditions: { nsEach: 1, alone: true },
    series: ['pollcost', 'c-twin'],
  } as const;
  prepare({ visits: [visit], ...LENGTHS, repetitions: [9] });
  log.length = 0;
  round(0, visit.series);
  assert.deepEqual(
    log.filter((line) => /open|close/.test(line)),
    ['open poll pollcost', 'close', 'open poll c-twin', 'close'],
  );
});

test('repetitions fill a batch with a tenth to spare, are at least one, fixed where they are, and taken over where known', () => {
  const repetitionsOf = (conditions: Planted, known?: number) => {
    const { prepare } = planted();
    const visits = [{ poller: 'poll', conditions, series: ['pollcost'] as const }];
    return prepare({ visits, ...LENGTHS, repetitions: known === undefined ? undefined : [known] })[0];
  };
  assert.equal(repetitionsOf({ nsEach: 1000 }), 1100);
  assert.ok(Math.abs((repetitionsOf({ nsEach: 40 }) as number) - 27_500) <= 1);
  assert.equal(repetitionsOf({ nsEach: 5e6 }), 1);
  assert.equal(repetitionsOf({ nsEach: 1000, fixed: 3 }), 3);
  assert.equal(repetitionsOf({ nsEach: 1000 }, 77), 77);
});

test('every copy of the code that is used is warmed up once a poller, the C twin never', () => {
  const { log, prepare } = planted();
  const conditions = { nsEach: 1e6 };
  prepare({
    visits: [
      { poller: 'poll', conditions, series: ['pollcost', 'c-twin'] },
      { poller: 'epoll', conditions, series: ['pollcost'] },
      { poller: 'poll', conditions, series: ['pollcost', 'pollcost-again'] },
    ],
    ...LENGTHS,
  });
  assert.deepEqual(
    log.filter((line) => line.startsWith('warm up')),
    ['warm up poll pollcost+pollcost-again', 'warm up epoll pollcost'],
  );
});

test('the second copy of a poller runs so many batches before it counts as the workload says, in all of its visits', () => {
  const batchesOf = (visited: number) => {
    const { log, prepare } = planted();
    const series = ['pollcost', 'pollcost-again'] as const;
    const visit = { poller: 'poll', conditions: { nsEach: 1e6 }, series } as const;
    const other = { ...visit, poller: 'epoll' } as const;
    prepare({ visits: [...Array.from({ length: visited }, () => visit), other], ...LENGTHS });
    return log.filter((line) => line.startsWith('measure pollcost-again')).length;
  };
  assert.equal(batchesOf(1), 12 + 12);
  assert.equal(batchesOf(3), 12 + 12);
});

test('the units loop reads a time, each time', () => {
  const sentinel = new UnitsLoop();
  for (let reading = 0; reading < 20; reading++) assert.ok(sentinel.read() > 0);
});
