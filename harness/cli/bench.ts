import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { asTyped } from '../collectors/invocation.js';
import { createRunFolder } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import { withoutPathsIn } from '../results/without-paths.js';
import { type Begun, newRunId, runBench } from '../run/bench.js';
import { withLoadCpu } from '../run/load-cpu.js';
import { type PlannedBench, planBench } from '../run/planned-bench.js';
import type { BenchOptions } from './bench-options.js';
import { requestOf } from './bench-request.js';
import { describeMachine } from './describe-machine.js';
import { TooFewFds } from './fds-for-drawing.js';
import { printPlan } from './plan-table.js';
import { Progress } from './progress.js';
import { buildReport } from './report.js';
import { requestOfRun, requireSamePlan, takeUp } from './resume.js';
import { verdictTable } from './verdict-table.js';

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

/** @returns the exit code */
export async function bench(asked: BenchOptions, tool: string): Promise<number> {
  const options = withRealFolder(asked);
  const request = options.resume === undefined ? requestOf(options) : requestOfRun(options.resume, options);
  const signals = listenToSignals();
  const drafted = await planBench(request, tool);
  if (options.dryRun) {
    printPlan(drafted, options.json ?? false);
    return 0;
  }
  const id = newRunId();
  const { folder, begun } = prepareFolder(options, id, drafted);
  const planned = await withLoadCpu(drafted);
  const progress = await Progress.on(process.stderr);
  progress.say(describeMachine(planned.environment, planned.probe));
  progress.say(`seed ${request.seed}, profile ${request.profile}`);
  let run: Run;
  try {
    signals.isSaving = true;
    run = withoutPathsIn(
      await runBench(planned, { folder, id, results: resolve('results') }, begun, progress, signals.stop),
    );
  } finally {
    signals.isSaving = false;
    progress.end();
  }
  if (options.report !== false) {
    const page = await reportOf(folder, run, progress);
    process.stdout.write(
      options.json ? `${JSON.stringify(run, null, 1)}\n` : verdictTable(run, process.stdout),
    );
    progress.say(ending(run, page, folder));
  }
  if (signals.exitCode !== null) return signals.exitCode;
  return run.experiments.some(({ status }) => status === 'failed') ? 1 : 0;
}

interface Signals {
  readonly stop: AbortSignal;
  /** Null while none has come. */
  exitCode: number | null;
  /** Whether a run has begun that is not saved yet. */
  isSaving: boolean;
}

/** The first signal stops the run, which is then saved whatever comes. Another one ends what else there is to do. */
function listenToSignals(): Signals {
  const controller = new AbortController();
  const signals: Signals = { stop: controller.signal, exitCode: null, isSaving: false };
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) {
    process.on(signal, () => {
      if (signals.exitCode !== null && !signals.isSaving) process.exit(signals.exitCode);
      signals.exitCode ??= code;
      controller.abort();
    });
  }
  return signals;
}

/** The folder of the run, and what it holds already. */
function prepareFolder(
  options: BenchOptions,
  id: string,
  planned: PlannedBench,
): { folder: string; begun: Begun | null } {
  if (options.resume !== undefined) {
    requireSamePlan(options.resume, planned);
    return { folder: options.resume, begun: takeUp(options.resume) };
  }
  const folder = options.out ?? `results/${id}`;
  createRunFolder(folder);
  return { folder: shortest(realpathSync(folder)), begun: null };
}

/** The run counts without its report, which can be built later, whatever kept it from being built now. */
async function reportOf(folder: string, run: Run, progress: Progress): Promise<string> {
  try {
    return `the report is ${await buildReport(folder, run)}`;
  } catch (error) {
    const { name, message } = error as Error;
    const advice =
      error instanceof TooFewFds ? '' : ` (${name}; once that is mended: ${asTyped(`report ${folder}`)})`;
    progress.say(`warning: no report: ${message}${advice}`);
    return 'there is no report';
  }
}

const ending = ({ status }: Run, report: string, folder: string): string =>
  status === 'completed'
    ? `done; ${report}`
    : `${status}; ${report}; go on with: ${asTyped(`bench --resume ${folder}`)}`;

/** `results/latest` may point elsewhere by the time that the run is written to. */
function withRealFolder(options: BenchOptions): BenchOptions {
  const { resume } = options;
  if (resume === undefined || !existsSync(resume)) return options;
  return { ...options, resume: shortest(realpathSync(resume)) };
}

/** As the user would type it: relative where the path lies below this folder. */
function shortest(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') || short === '' ? resolve(path) : short;
}
