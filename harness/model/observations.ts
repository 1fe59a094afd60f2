import type { Cell, Factors, MeasuredCell, Run } from '../results/run-schema.js';
import { highestFdOf, type PollerId, type Timeout, type Turn } from './terms.js';

/** A hot cell that a model is fitted to, or tried on. */
export interface Observation {
  readonly id: string;
  readonly experiment: string;
  readonly turn: Turn;
  readonly cpuNs: number;
}

/** Beyond so many fds the caches decide, and no such model holds: whatever a cell there says, it is not fitted to. */
export const MOST_WATCHED = 1000;

const EXPERIMENTS: ReadonlySet<string> = new Set([
  'watched-fds',
  'highest-fd',
  'ready-fds',
  'few-sockets',
  'workload-grid',
  'temperature',
]);

/**
 * Readiness that is left standing costs epoll less than events that come and go: those are what a program has. Where all
 * are ready nothing rotates.
 */
const isAsInPrograms = ({ ready, watched, life, timeout }: Factors): boolean =>
  isQuiet({ ready: ready ?? 0, timeout: timeout ?? 'zero' }) ||
  (life === 'consumed-rotating' && Number(ready) < Number(watched));

/** Nothing is sent while its turns are measured, or a byte now and then. */
const isQuiet = ({ ready, timeout }: Factors): boolean =>
  ready === undefined || ready === 0 || timeout === 'slept';

const isUsable = (cell: Cell): cell is MeasuredCell => {
  const { experiment, series, status, factors } = cell;
  return (
    status === 'measured' &&
    series === 'pollcost' &&
    EXPERIMENTS.has(experiment) &&
    factors.socket === 'tcp' &&
    Number(factors.watched) <= MOST_WATCHED &&
    (factors.temperature ?? 'hot') === 'hot' &&
    (factors.instance ?? 'kept') === 'kept' &&
    isAsInPrograms(factors)
  );
};

/** The hot cells of a poller with at most 1 000 watched fds whose readiness is consumed, in a fixed order. */
export function observationsOf(run: Pick<Run, 'cells'>, poller: PollerId): Observation[] {
  return run.cells
    .filter((cell) => cell.poller === poller)
    .filter(isUsable)
    .flatMap(({ id, experiment, factors, metrics }) => {
      const cpuNs = metrics.cpuNsPerTurn?.value;
      return cpuNs === undefined || cpuNs <= 0 ? [] : [{ id, experiment, turn: turnOf(factors), cpuNs }];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function turnOf(factors: Factors): Turn {
  const { watched, ready = 0, churnPer100 = 0, timeout, highestFd, wakesPerSecond = 0 } = factors;
  const [count, active] = [Number(watched), Number(ready)];
  return {
    watched: count,
    ready: active,
    churn: Number(churnPer100) / 100,
    timeout: timeout as Timeout,
    beforeReady: beforeReadyOf(count, active),
    highestFd: highestFd === undefined ? highestFdOf(count) : Number(highestFd),
    wakesPerSecond: Number(wakesPerSecond),
  };
}

/** The active ones are as far apart from each other as can be, and rotate through all places. */
const beforeReadyOf = (watched: number, ready: number): number =>
  ready === 0 ? watched : (watched / ready - 1) / 2;
