import type { Warning } from '../results/run-schema.js';
import type { PlanContext } from './experiment.js';

/** A value that the user asked for cannot be had on this machine. */
export class ImpossibleValue extends Error {
  override readonly name = 'ImpossibleValue';
}

export interface AllowedValues {
  /** The profile's values, or the user's where the profile has any; sorted, without doubles, none above the limit. */
  (profileValues: readonly number[]): number[];
  readonly warnings: Warning[];
}

/**
 * Fits the values of a factor to what the fd limit allows. The profile's shrink, with a warning; what the user asked
 * for is refused. Infinity stands for as many as possible. @throws ImpossibleValue
 */
export function allowedValues({ connections, probe }: PlanContext, most: number): AllowedValues {
  const tooMany = connections?.find((value) => value > most);
  if (tooMany !== undefined) {
    throw new ImpossibleValue(
      `${tooMany} connections are more than this process may hold: at most ${most} with a limit of ` +
        `${probe.fdLimit.soft} fds and both ends in one process; raise it with 'ulimit -n', or ask for fewer`,
    );
  }
  const warnings: Warning[] = [];
  const values = (profileValues: readonly number[]) => {
    if (profileValues.length === 0) return [];
    const wanted = connections ?? profileValues;
    const shrunk = wanted.some((value) => value > most && value !== Number.POSITIVE_INFINITY);
    if (shrunk && warnings.length === 0) {
      warnings.push({
        code: 'fd-limit',
        message: `a limit of ${probe.fdLimit.soft} fds allows ${most} connections; larger values were left out`,
        advice: `raise the limit: ulimit -n ${2 * Math.max(...wanted.filter(Number.isFinite)) + 64}`,
      });
    }
    const fitting = wanted.map((value) => Math.min(value, most)).filter((value) => value > 0);
    return [...new Set(fitting)].sort((a, b) => a - b);
  };
  return Object.assign(values, { warnings });
}
