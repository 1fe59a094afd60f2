import { allowedCpus, describeLoad } from '../collectors/environment.js';
import { shareOneCore } from '../statistics/speed-levels.js';
import { type PlannedBench, plannedSeconds, plansOf } from './planned-bench.js';
import { readSpeeds, type SpeedReadings } from './speeds.js';

type Cpus = { readonly subject: number; readonly load: number };

const SECONDS_TO_TELL = 0.5;
/** A run that is over sooner is not worth the two processes and more than a second of both CPUs that the answer takes. */
const LEAST_PLANNED_SECONDS = 10;
/** Where each of so many shares the subject's core, so does what is measured. */
const MOST_TRIED = 3;
/** A guest's CPUs wander over the host's: two that share a core do so in each of so many looks. */
const LOOKS = 3;

/** Where the load goes, and whether it shares the subject's core there; null: nobody can tell. */
export interface LoadPlace {
  readonly cpus: Cpus;
  readonly shares: boolean | null;
}

/** The first of these CPUs, the planned one before the others, on which being busy costs the subject's nothing; else the planned one. */
export async function chooseLoadCpu(
  planned: Cpus,
  allowed: readonly number[] = allowedCpus(),
  read: (cpus: Cpus, seconds: number) => Promise<SpeedReadings> = readSpeeds,
): Promise<LoadPlace> {
  const { subject, load } = planned;
  const others = allowed.filter((cpu) => cpu !== subject && cpu !== load);
  const again = Array.from({ length: LOOKS - 1 }, () => load);
  for (const cpu of [...[load, ...others].slice(0, MOST_TRIED), ...again]) {
    const cpus = { subject, load: cpu };
    const { alone, besideBusy } = await read(cpus, SECONDS_TO_TELL);
    const shares = besideBusy && shareOneCore(alone, besideBusy);
    if (shares !== true) return { cpus, shares };
  }
  return { cpus: planned, shares: true };
}

/**
 * The run with its load on a CPU that does not share the subject's core, where there is one. Takes a second and more: a short run, and
 * one of fewer launches than its profile has, as each of a gate's is, leaves the load where it was planned, and what it shares is unknown.
 */
export async function withLoadCpu(bench: PlannedBench, choose = chooseLoadCpu): Promise<PlannedBench> {
  const planned = bench.context.cpus;
  if (planned === null || bench.request.launches !== undefined) return bench;
  if (plannedSeconds(bench.plans) < LEAST_PLANNED_SECONDS) return bench;
  const { cpus, shares } = await choose(planned);
  const environment = { ...bench.environment, loadSharesCore: describeLoad(cpus, shares) };
  if (cpus.load === planned.load) return { ...bench, environment };
  const context = { ...bench.context, cpus };
  return { ...bench, environment, context, plans: plansOf(bench.request, context) };
}
