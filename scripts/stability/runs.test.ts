import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { agreementLine, agreementOf, runRow } from './runs.js';

const UNDER = { ready: 1, position: 'last', timeout: 'finite', temperature: 'hot', socket: 'tcp' };

const runOf = (ns: Readonly<Record<string, number>>): Pick<Run, 'cells'> => ({
  cells: Object.entries(ns).map(([poller, value]) => ({
    id: poller,
    ...{ experiment: 'watched-fds', poller, series: 'pollcost', status: 'measured', flags: [] },
    factors: { ...UNDER, watched: 10 },
    metrics: { cpuNsPerTurn: { value, low: value, high: value, unit: 'ns', n: 1, launches: 1 } },
  })) as unknown as MeasuredCell[],
});

test('how far the headline figures of runs are from their middle', () => {
  const runs = [
    runOf({ poll: 100, epoll: 50 }),
    runOf({ poll: 104, epoll: 60 }),
    runOf({ poll: 96, epoll: 40 }),
  ];
  const agreement = agreementOf(runs);
  assert.equal(agreement?.figures, 2);
  assert.equal(agreement?.within, 1);
  assert.ok(Math.abs((agreement?.worst.deviation ?? 0) - 0.2) < 1e-9);
  assert.match(agreementLine(agreement ?? assert.fail()), /, 1 within 5 %; the worst 20\.0 % \(epoll: /);
});

test('one run agrees with nobody', () => {
  assert.equal(agreementOf([runOf({ poll: 100 })]), null);
});

test('a row says what a run took and decided', () => {
  const run = {
    seed: 3,
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:01:01.400Z',
    noise: { aaRatio: { value: 1.023 }, shareAtFullSpeed: 0.9 },
    claims: [
      { source: 'answer', verdict: 'holds' },
      { source: 'notes', verdict: 'undecided' },
      { source: 'asked', verdict: 'fails' },
    ],
    models: [
      { poller: 'poll', accepted: true },
      { poller: 'epoll', accepted: false },
    ],
  } as unknown as Run;
  assert.deepEqual(runRow(run), ['3', '61 s', '90.0 %', '2.3 %', '1 of 2', '1 of 1', 'poll']);
});
