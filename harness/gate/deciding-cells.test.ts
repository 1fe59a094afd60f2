import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { forCells } from './bench-version.js';
import { demandsOf } from './config.js';
import { figuresOf } from './figures.js';
import { plantedSamples } from './testing/planted-figures.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-cells-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CELLS = [...new Set(plantedSamples(1).map(({ cell }) => cell))];

/** The cells that launches are longer for where these metrics may fail a gate. */
function decidedBy(metrics: Parameters<typeof demandsOf>[0]['metrics']): string[] {
  const demandOf = demandsOf({
    metrics: { cpuNsPerTurn: 'off', growth: 'off', overPoll: 'off', ...metrics },
  });
  const options = forCells(
    figuresOf(plantedSamples(1)),
    (figure) => demandOf(figure).level === 'error',
    folder,
  );
  assert.equal(options.at(-2), '--launch-cells');
  return (JSON.parse(readFileSync(options.at(-1) as string, 'utf8')) as string[]).toSorted();
}

const cells = (poller: string, series: string) =>
  CELLS.filter((cell) => cell.startsWith(`watched-fds/${poller}/${series}/`)).toSorted();

test('launches are longer for the cells of the metrics that may fail the gate, and each once', () => {
  assert.deepEqual(
    decidedBy({ 'epoll/growth': 'error', 'epoll/cpuNsPerTurn': 'error' }),
    cells('epoll', 'pollcost'),
  );
  assert.deepEqual(
    decidedBy({ 'poll/overC': 'error' }),
    [...cells('poll', 'pollcost'), ...cells('poll', 'c-twin')].toSorted(),
  );
});

test('what is counted needs no longer launches, and neither does what is only shown', () => {
  assert.deepEqual(decidedBy({ fdsExamined: 'error', growth: 'warn' }), []);
});
