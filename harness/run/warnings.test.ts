import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Experiment } from '../experiments/experiment.js';
import { readRun } from '../results/run-folder.js';
import { newRunId } from './bench.js';
import { planBench } from './planned-bench.js';
import { initialRun } from './run-record.js';
import { wholeRun } from './testing/whole-run.js';

const results = mkdtempSync(join(tmpdir(), 'pollcost-warnings-'));
after(() => rmSync(results, { recursive: true, force: true }));

/** Measures nothing but its own process, and warns of what it found. */
const doubtful: Experiment = {
  id: 'doubtful',
  question: 'does a reader learn of it?',
  plan: () => ({
    id: 'doubtful',
    visits: [{ poller: 'poll', factors: { n: 1 }, conditions: {}, series: [{ name: 'pollcost' }] }],
    launches: [{ rounds: 1, visits: [0], setting: {}, secondsPerRound: 0.01, secondsToStart: 0.01 }],
    warnings: [],
  }),
  open: async () => ({
    pid: process.pid,
    round: async () => ({
      samples: [{ visit: 0, series: 'pollcost' as const, turns: 1, metrics: { userBytes: 17 } }],
    }),
    end: async () => {},
  }),
  warnings: (cells) => [
    { code: 'doubtful', message: `${cells[0]?.metrics.userBytes?.value} bytes`, advice: 'look twice' },
  ],
};

test('what an experiment warns of after its end is shown and stands in the run', async () => {
  const folder = join(results, 'run');
  const shown = await wholeRun(doubtful, 'poll', folder, results);
  const expected = { code: 'doubtful', message: '17 bytes', advice: 'look twice' };
  assert.deepEqual(
    shown.filter(({ code }) => code === 'doubtful'),
    [expected],
  );
  assert.deepEqual(readRun(folder).warnings.at(-1), expected);
});

test('that --connections changes nothing in an experiment that has neither factor is a warning, and only then', async () => {
  const warned = async (connections: readonly number[] | null, connectionsFactor?: 'watched') => {
    const experiments = [connectionsFactor ? { ...doubtful, connectionsFactor } : doubtful];
    const request = { profile: 'quick', experiments, pollers: ['poll'], connections, seed: 1 } as const;
    const { warnings } = initialRun(await planBench(request, 'pollcost 0.0.0'), newRunId(), 'sha256:0');
    return warnings.find(({ code }) => code === 'connections-kept')?.message;
  };
  assert.match((await warned([10])) ?? '', /^doubtful: --connections changes nothing there/);
  assert.equal(await warned([10], 'watched'), undefined);
  assert.equal(await warned(null), undefined);
});
