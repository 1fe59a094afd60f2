import { mkdirSync } from 'node:fs';
import type { Experiment } from '../../experiments/experiment.js';
import type { Warning } from '../../results/run-schema.js';
import { newRunId, runBench } from '../bench.js';
import { planBench } from '../planned-bench.js';

/** A whole quick run of this experiment alone, in this folder and beside it. Returns what its watcher was warned of. */
export async function wholeRun(
  experiment: Experiment,
  poller: string,
  folder: string,
  results: string,
): Promise<Warning[]> {
  const bench = await planBench(
    { profile: 'quick', experiments: [experiment], pollers: [poller], connections: null, seed: 1 },
    'pollcost 0.0.0',
  );
  mkdirSync(folder);
  const shown: Warning[] = [];
  const observer = {
    started() {},
    launch() {},
    advance() {},
    look() {},
    speed() {},
    warn: (warning: Warning) => shown.push(warning),
  };
  await runBench(bench, { folder, id: newRunId(), results }, null, observer, new AbortController().signal);
  return shown;
}
