import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitFacts } from '../../harness/results/across-runs.js';
import type { Run } from '../../harness/results/run-schema.js';
import { exampleRun } from '../testing/example-run.js';

const bytes = { value: 1, low: 1, high: 1, unit: 'bytes' as const, n: 1, launches: 1 };
const ledgerOf = (...books: readonly string[]): Run =>
  exampleRun({
    cells: [
      {
        ...{ id: 'memory/epoll', experiment: 'memory', poller: 'epoll', series: 'pollcost' },
        ...{ status: 'measured', flags: [], factors: { watched: 1000, source: 'read' } },
        metrics: Object.fromEntries(['userBytes', ...books].map((metric) => [metric, bytes])),
      },
    ],
  });

test('runs with and without accounting of memory differ in the books that their kernel memory was read from', () => {
  const { different } = splitFacts([
    ledgerOf('persistentBytesBySlabinfo', 'persistentBytesByMemoryKmem'),
    ledgerOf('persistentBytesBySlabinfo'),
    ledgerOf(),
    exampleRun({ cells: [] }),
  ]);
  assert.deepEqual(different, [
    { what: 'memory read from', values: ['slabinfo, memory.kmem', 'slabinfo', 'nothing', null] },
  ]);
});
