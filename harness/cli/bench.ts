import { randomInt } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { pollerNames } from '../../pollers/names.js';
import { experiments } from '../experiments/registry.js';
import { createRunFolder } from '../results/run-folder.js';
import { profileSchema, type Run } from '../results/run-schema.js';
import { type BenchRequest, newRunId, planBench, runBench } from '../run/bench.js';
import type { BenchOptions } from './bench-options.js';
import { describeMachine } from './machine.js';
import { printPlan } from './plan-table.js';
import { Progress } from './progress.js';
import { countsIn, namesIn, nearest, pick, UsageError, wholeNumber } from './usage.js';
import { verdictTable } from './verdict-table.js';

/** What turn experiments measure unless told otherwise. */
const DEFAULT_POLLERS = ['select', 'select-wide', 'poll', 'epoll'] as const;

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

/** @returns the exit code */
export async function bench(options: BenchOptions, tool: string): Promise<number> {
  const request = requestOf(options);
  const stop = new AbortController();
  let exitOnSignal: number | null = null;
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) {
    process.once(signal, () => {
      exitOnSignal = code;
      stop.abort();
    });
  }
  const planned = await planBench(request, tool);
  if (options.dryRun) {
    printPlan(planned, options.json ?? false);
    return 0;
  }
  const id = newRunId();
  const results = resolve('results');
  const folder = shortest(options.out ?? join(results, id));
  createRunFolder(folder);
  const progress = new Progress(process.stderr);
  progress.say(describeMachine(planned.environment, planned.probe));
  progress.say(`seed ${request.seed}, profile ${request.profile}`);
  let run: Run;
  try {
    run = await runBench(planned, { folder, results, id }, progress, stop.signal);
  } finally {
    progress.end();
  }
  const { writeReport } = await import('../../reports/write.js');
  const page = await writeReport(folder, run);
  process.stdout.write(
    options.json ? `${JSON.stringify(run, null, 1)}\n` : verdictTable(run, process.stdout),
  );
  progress.say(`${run.status === 'completed' ? 'done' : run.status}; the report is ${page}`);
  if (exitOnSignal !== null) return exitOnSignal;
  return run.experiments.some(({ status }) => status === 'failed') ? 1 : 0;
}

/** As the user would type it: relative where the path lies below this folder. */
function shortest(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') || short === '' ? resolve(path) : short;
}

/** Checks everything that can be checked before anything is started. @throws UsageError */
function requestOf(options: BenchOptions): BenchRequest {
  if (process.platform !== 'linux') {
    throw new UsageError(
      `bench measures Linux's select, poll and epoll and this is ${process.platform}; run it on Linux or in a container ` +
        '(list and report work here)',
    );
  }
  const profile = profileSchema.safeParse(options.profile);
  if (!profile.success) {
    throw new UsageError(
      `unknown profile '${options.profile}'${nearest(options.profile, profileSchema.options)}`,
    );
  }
  const byId = new Map(experiments.map((experiment) => [experiment.id, experiment]));
  const byName = new Map(pollerNames.map((name) => [name as string, name]));
  const wanted =
    options.experiments === undefined ? [...byId.keys()] : namesIn('--experiments', options.experiments);
  const pollers =
    options.pollers === undefined ? [...DEFAULT_POLLERS] : namesIn('--pollers', options.pollers);
  const chosen = new Set(pick('experiment', wanted, byId));
  return {
    profile: profile.data,
    experiments: experiments.filter((experiment) => chosen.has(experiment)),
    pollers: pick('poller', pollers, byName),
    connections: options.connections === undefined ? null : countsIn('--connections', options.connections),
    seed: options.seed === undefined ? randomInt(2 ** 32) : wholeNumber('--seed', options.seed, 0),
  };
}
