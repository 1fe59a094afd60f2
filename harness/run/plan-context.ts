import { allowedCpus, siblingsOf } from '../collectors/environment.js';
import type { PlanContext } from '../experiments/experiment.js';
import { ImpossibleValue } from '../experiments/values.js';
import { startProbe } from '../processes/control/parent.js';
import { readWaitSyscalls } from './wait-syscalls.js';

const FACTS_DEADLINE_MS = 30_000;

/**
 * The last CPU, or the one that POLLCOST_CPU names, for the subject, and the first for its load that is none of the same core, as
 * far as the kernel knows; null with only one. @throws ImpossibleValue
 */
export function chooseCpus(
  allowed: readonly number[] = allowedCpus(),
  ofSameCore: typeof siblingsOf = siblingsOf,
  asked = process.env.POLLCOST_CPU,
): PlanContext['cpus'] {
  const subject = asked ? allowed.find((cpu) => String(cpu) === asked) : allowed.at(-1);
  if (asked && subject === undefined)
    throw new ImpossibleValue(`POLLCOST_CPU names one of the CPUs ${allowed.join(', ')}; '${asked}' is none`);
  const siblings = subject === undefined ? null : ofSameCore(subject);
  const others = allowed.filter((cpu) => cpu !== subject);
  const load = others.find((cpu) => !siblings?.includes(cpu)) ?? others[0];
  return load === undefined || subject === undefined ? null : { subject, load };
}

/** Adds to what is asked for what this machine allows, by asking a turn probe. @throws ChildFailure */
export async function contextOf(
  asked: Pick<PlanContext, 'profile' | 'pollers' | 'connections'>,
): Promise<PlanContext> {
  const cpus = chooseCpus();
  const child = startProbe();
  try {
    const ask = { cpu: cpus?.subject ?? null, fileTable: 'private', twin: true } as const;
    const probe = await child.request('start', ask, FACTS_DEADLINE_MS);
    const waitSyscalls = await readWaitSyscalls(child, probe.pollers, asked.pollers);
    // What the probe may not do, servers and their load may not either.
    return { ...asked, cpus: probe.pinned.ok ? cpus : null, probe, waitSyscalls };
  } finally {
    await child.end();
  }
}
