import { pollerNames } from '../../pollers/manifest.js';
import { DamagedFile } from '../results/damage.js';
import { cutSamples, readRequest, readRun, readSamples, takeRunFolder } from '../results/run-folder.js';
import type { Begun } from '../run/bench.js';
import { type BenchRequest, type PlannedBench, planHashOf } from '../run/planned-bench.js';
import type { BenchOptions } from './bench-options.js';
import { experimentsOf, gateRequestOf, pollersOf, profileOf } from './bench-request.js';
import { requireSystem } from './system.js';
import { countsIn, seedOf, UsageError } from './usage.js';

/** Takes the folder of a run and says what the run was asked for; options that are given must say the same. @throws UsageError, DamagedFile, UnusableFolder */
export function requestOfRun(folder: string, options: BenchOptions): BenchRequest {
  requireSystem();
  if (options.out !== undefined) throw new UsageError('--resume goes on in its own folder; leave --out away');
  const run = readRun(folder);
  if (!options.dryRun) takeRunFolder(folder);
  const { pollers, connections } = readRequest(folder);
  return {
    profile: options.profile === undefined ? run.profile : profileOf(options.profile),
    experiments: experimentsOf(options.experiments ?? run.experiments.map(({ id }) => id).join(',')),
    ...pollersOf(options.pollers ?? storedNames(folder, pollers)),
    connections:
      options.connections === undefined ? connections : countsIn('--connections', options.connections),
    seed: options.seed === undefined ? run.seed : seedOf(options.seed),
    ...gateRequestOf(options),
  };
}

/** Where a user's own pollers are is not kept in the folder. @throws UsageError */
function storedNames(folder: string, pollers: readonly string[]): string {
  const own = pollers.filter((name) => !pollerNames.includes(name));
  if (own.length === 0) return pollers.join(',');
  const again = pollers.map((name) => (own.includes(name) ? `${name}=FILE` : name)).join(',');
  throw new UsageError(`${folder} measures ${own.join(', ')} from a file; say which: --pollers ${again}`);
}

/** A run goes on only under the plan that it was begun with. @throws UsageError */
export function requireSamePlan(folder: string, planned: PlannedBench): void {
  if (planHashOf(planned) === readRun(folder).planHash) return;
  throw new UsageError(
    `${folder} is a run of another plan: other options, another version of pollcost, or a machine with other limits; ` +
      'start a new run, or leave the options away and restore the limits',
  );
}

/** Reads what the run finished and cuts off what it did not. @throws DamagedFile */
export function takeUp(folder: string): Begun {
  const run = readRun(folder);
  const { lines, finishedBytes } = readSamples(folder);
  const [head] = lines;
  if (head && (head.kind !== 'run' || head.id !== run.id || head.planHash !== run.planHash)) {
    throw new DamagedFile(`${folder}/samples.ndjson`, `line 1: does not belong to run ${run.id}`);
  }
  cutSamples(folder, finishedBytes);
  return { run, samples: lines };
}
