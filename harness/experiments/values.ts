import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
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

/** What a connection takes of the limit of fds: in words, and the limit that so many need. */
export interface Room {
  readonly words: string;
  limitFor(connections: number): number;
}

const BOTH_ENDS: Room = {
  words: 'both ends in one process',
  limitFor: (connections) => 2 * connections + 64,
};

/** What is left to Node, to the listener, the pollers and the active few in a process that holds one end of each connection. */
export const spareFds = ({ numbers }: Pick<ProbeFacts, 'numbers'>): number => numbers.first + 68;

export const oneEnd = (probe: Pick<ProbeFacts, 'numbers'>): Room => ({
  words: `${spareFds(probe)} fds for other things`,
  limitFor: (connections) => connections + spareFds(probe),
});

/**
 * Fits the values of a factor to what the fd limit allows. The profile's shrink, with a warning; what the user asked
 * for is refused. Infinity stands for as many as possible. @throws ImpossibleValue
 */
export function allowedValues(
  { connections, probe }: PlanContext,
  most: number,
  room = BOTH_ENDS,
): AllowedValues {
  const tooMany = connections?.find((value) => value > most);
  if (tooMany !== undefined) {
    throw new ImpossibleValue(
      `${tooMany} connections are more than this process may hold: at most ${most} with a limit of ` +
        `${probe.fdLimit.soft} fds and ${room.words}; raise it with 'ulimit -n', or ask for fewer`,
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
        advice: `raise the limit: ulimit -n ${room.limitFor(Math.max(...wanted.filter(Number.isFinite)))}`,
      });
    }
    const fitting = wanted.map((value) => Math.min(value, most)).filter((value) => value > 0);
    return [...new Set(fitting)].sort((a, b) => a - b);
  };
  return Object.assign(values, { warnings });
}
