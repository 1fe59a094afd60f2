import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { usualHere } from '../../pollers/manifest.js';
import { experiments } from '../experiments/registry.js';
import { parseChecked } from '../results/damage.js';
import { type Profile, profileSchema } from '../results/run-schema.js';
import { z } from '../results/zod.js';
import type { BenchRequest } from '../run/planned-bench.js';
import type { BenchOptions } from './bench-options.js';
import { pollersIn } from './poller-option.js';
import { requireSystem } from './system.js';
import { countsIn, namesIn, nearest, pick, seedOf, UsageError, wholeNumber } from './usage.js';

/** Checks everything that can be checked before anything is started. @throws UsageError */
export function requestOf(options: BenchOptions): BenchRequest {
  requireSystem();
  return {
    profile: options.profile === undefined ? 'quick' : profileOf(options.profile),
    experiments: experimentsOf(options.experiments),
    ...pollersOf(options.pollers ?? usualHere.join(',')),
    connections: options.connections === undefined ? null : countsIn('--connections', options.connections),
    seed: options.seed === undefined ? randomInt(2 ** 32) : seedOf(options.seed),
    ...gateRequestOf(options),
  };
}

/** What only the gate asks for: fewer and longer launches than the profile's, for the cells that decide, of pollers that it has checked. @throws UsageError */
export const gateRequestOf = ({
  launches,
  launchSeconds,
  launchCells,
  contract,
}: BenchOptions): Pick<BenchRequest, 'launches' | 'launchSeconds' | 'launchCells' | 'isContractKept'> => ({
  ...(launches !== undefined && { launches: wholeNumber('--launches', launches, 1) }),
  ...(launchSeconds !== undefined && { launchSeconds: wholeNumber('--launch-seconds', launchSeconds, 1) }),
  ...(launchCells !== undefined && { launchCells: readLaunchCells(launchCells) }),
  isContractKept: contract === false,
});

/** @throws UsageError, DamagedFile */
function readLaunchCells(file: string): ReadonlySet<string> {
  if (!existsSync(file)) throw new UsageError(`--launch-cells takes a file; there is no ${file}`);
  return new Set(parseChecked(z.array(z.string()), readFileSync(file, 'utf8'), file));
}

export function profileOf(text: string): Profile {
  const profile = profileSchema.safeParse(text);
  if (!profile.success)
    throw new UsageError(`unknown profile '${text}'${nearest(text, profileSchema.options)}`);
  return profile.data;
}

/** In the order in which they run. */
export function experimentsOf(text: string | undefined): BenchRequest['experiments'] {
  if (text === undefined) return experiments;
  const byId = new Map(experiments.map((experiment) => [experiment.id, experiment]));
  const chosen = new Set(pick('experiment', namesIn('--experiments', text), byId));
  return experiments.filter((experiment) => chosen.has(experiment));
}

export function pollersOf(text: string): Pick<BenchRequest, 'pollers' | 'own'> {
  const { names, own } = pollersIn('--pollers', text);
  return { pollers: names, own };
}
