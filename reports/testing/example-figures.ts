import { cellId } from '../../harness/results/cell-id.js';
import type {
  Cell,
  Effect,
  Factors,
  Figure,
  RatioKind,
  Series,
  Unit,
} from '../../harness/results/run-schema.js';
import type { PollerId } from '../theme/pollers.js';

/** Support for tests: figures that follow from short formulas and were never measured. */

export const ROUNDS = 20;
export const LAUNCHES = 3;

/** A figure with an interval of `spread` (a share of the value) around it. */
export const figure = (value: number, unit: Unit, spread = 0.02): Figure => ({
  value,
  low: value - Math.abs(value) * spread,
  high: value + Math.abs(value) * spread * 1.5,
  unit,
  n: ROUNDS,
  launches: LAUNCHES,
});

/** One measured cell. */
export const measured = (
  experiment: string,
  poller: PollerId,
  factors: Factors,
  metrics: Record<string, Figure>,
  series: Series = 'pollcost',
): Cell => ({
  id: cellId(experiment, poller, series, factors),
  experiment,
  poller,
  series,
  status: 'measured',
  flags: [],
  factors,
  metrics,
});

/** An effect of a claim, with the same kind of interval. */
export const effect = (
  name: string,
  value: number,
  unit: Unit,
  decides = true,
  factors: Factors = {},
  ratioKind?: RatioKind,
): Effect => {
  const { low, high, n } = figure(value, unit);
  return { name, value, low, high, unit, n, decides, factors, ...(ratioKind && { ratioKind }) };
};

const PER_FD_NS: Readonly<Record<string, number>> = { zero: 70, finite: 190, infinite: 188, slept: 300 };
const BASE_NS: Readonly<Record<string, number>> = { zero: 300, finite: 395, infinite: 300, slept: 9_000 };

/** What a made-up turn costs: a scan costs by the watched fds, epoll by the ready ones. */
export const turnNs = (poller: PollerId, watched: number, timeout: string, ready: number): number => {
  const base = BASE_NS[timeout] ?? 0;
  if (poller.startsWith('epoll')) return base + 130 * ready;
  const slope = (PER_FD_NS[timeout] ?? 0) * (poller === 'poll' ? 1.1 : poller === 'busy' ? 3 : 0.9);
  return base + 50 + slope * watched + 3 * ready;
};
