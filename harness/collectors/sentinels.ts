import type { Sentinels } from '../results/samples-schema.js';
import type { Collector, Subject } from './collector.js';
import { cpuPressureUs } from './pressure.js';
import { stealMs } from './steal.js';
import { involuntarySwitches } from './switches.js';

/** One line per sentinel. */
const collectors: Record<keyof Sentinels, Collector> = { stealMs, involuntarySwitches, cpuPressureUs };

const names = Object.keys(collectors) as (keyof Sentinels)[];

type Readings = Record<keyof Sentinels, number | null>;

export const readSentinels = (subject: Subject): Readings =>
  Object.fromEntries(names.map((name) => [name, collectors[name].read(subject)])) as Readings;

/** What happened between two readings. */
export const sentinelsBetween = (before: Readings, after: Readings): Sentinels =>
  Object.fromEntries(
    names.map((name) => {
      const [from, to] = [before[name], after[name]];
      return [name, from === null || to === null ? null : Math.max(0, to - from)];
    }),
  ) as Sentinels;

/** What marks a round as touched by somebody else; it is shown and counted, never dropped. */
const SWITCHES_PER_SECOND = 20;
const PRESSURE_SHARE = 0.1;
/** A machine may be so much slower than the plan's. */
const SLOWNESS = 2;
const SLOWNESS_SECONDS = 1;

/**
 * `plannedSeconds` is what the round should have taken: weighed against a time that the disturbance itself stretched, no
 * disturbance would be large, and one that stops everything leaves no other trace.
 */
export function flagsOf(
  { stealMs: steal, involuntarySwitches: switches, cpuPressureUs: pressure }: Sentinels,
  seconds: number,
  plannedSeconds: number,
) {
  const weighed = Math.min(seconds, plannedSeconds);
  const flags: string[] = [];
  if (steal !== null && steal > 0) flags.push('steal');
  if (switches !== null && switches > SWITCHES_PER_SECOND * weighed) flags.push('switches');
  if (pressure !== null && pressure > PRESSURE_SHARE * weighed * 1e6) flags.push('cpu-pressure');
  if (seconds > SLOWNESS * plannedSeconds + SLOWNESS_SECONDS) flags.push('stretched');
  return flags;
}
