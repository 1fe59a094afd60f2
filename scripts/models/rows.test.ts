import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf, likeEpoll, likePoll } from '../../harness/model/testing/planted-costs.js';
import { exampleRun } from '../../reports/testing/example-run.js';
import { drawRows, ledgerRows, modelRows } from './rows.js';

const run = exampleRun();

test('each run has its models as its file has them, with what was refused', () => {
  const model = (poller: string, accepted: boolean, medianError: number, p90Error: number) => ({
    ...{ poller, accepted, terms: {} },
    heldOut: { what: 'N = 32', medianError, p90Error },
  });
  const rows = modelRows([
    {
      name: 'one',
      run: { ...run, models: [model('poll', true, 0.02, 0.1), model('epoll', false, 0.07, 0.2)] },
    },
    { name: 'two', run: { ...run, models: [] } },
  ]);
  assert.deepEqual(rows, [
    ['one', 'poll', '2.0 %', '10.0 %', 'accepted', 'N = 32'],
    ['one', 'epoll', '7.0 %', '20.0 %', 'refused', 'N = 32'],
  ]);
});

test('over draws of what is held out a poll like its model is accepted in all, and an epoll that scans in none', () => {
  const model = (poller: string) => ({
    ...{ poller, accepted: true, terms: {} },
    heldOut: { what: 'N = 32', medianError: 0, p90Error: 0 },
  });
  const cells = [
    ...cellsOf({ poller: 'poll', cost: likePoll, noise: 0.01 }),
    ...cellsOf({ poller: 'epoll', cost: (at) => likeEpoll(at) + at.watched, noise: 0.01 }),
  ];
  const one = { name: 'one', run: { ...run, cells, models: [model('poll'), model('epoll')] } };
  assert.deepEqual(drawRows([one], 3), [
    ['one', 'poll', '3 of 3'],
    ['one', 'epoll', '0 of 3'],
  ]);
});

test('the ledger has the largest set of each poller that keeps memory, and a dash for books that nobody read', () => {
  const bytes = (value: number) => ({
    value,
    low: value,
    high: value,
    unit: 'bytes' as const,
    n: 1,
    launches: 1,
  });
  const cell = (watched: number, source: string, metrics: Record<string, number>) => ({
    ...{
      id: `memory/epoll/${watched}/${source}`,
      experiment: 'memory',
      poller: 'epoll',
      series: 'pollcost' as const,
    },
    ...{ status: 'measured' as const, flags: [], factors: { watched, highestFd: watched + 31, source } },
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, bytes(value)])),
  });
  const cells = [
    cell(1000, 'computed', { kernelPersistentBytes: 232_000 }),
    cell(2000, 'computed', { kernelPersistentBytes: 464_000 }),
    cell(2000, 'read', { kernelPersistentBytes: 460_000, persistentBytesByMemoryKmem: 460_000 }),
  ];
  assert.deepEqual(ledgerRows([{ name: 'one', run: { ...run, cells } }]), [
    ['one', 'epoll', '2000', '464000', '-', '-', '460000', '232.0 computed, 230.0 read'],
  ]);
});
