import type { CostModel, Estimate } from './cost-model.js';
import { highestFdOf, meanBeforeReady, type Timeout, type Turn } from './terms.js';

/** Where a turn of epoll costs as much as one of another poller, by their models. */
export type Crossover =
  /** The share of the watched fds that is ready there, at most 1; its interval is where the models' own intervals meet. */
  | { readonly kind: 'at'; readonly share: Estimate }
  /** epoll is the cheaper one with one ready fd and with all of them ready, or in neither case. */
  | { readonly kind: 'always' | 'never' };

export interface CrossoverConditions {
  readonly watched: number;
  /** Registrations replaced in each turn. */
  readonly churn: number;
  readonly timeout: Timeout;
}

type Model = Pick<CostModel, 'predict' | 'shares'>;

/** Halvings of the range, on a logarithmic scale: of a thousand fds they leave 0.1 % of the number, and 3 % at the ends. */
const STEPS = 13;
/** Intervals of predictions take long. */
const STEPS_TO_AN_END = 8;

/**
 * The number of ready fds, of one to all of them, from which on epoll's turn costs more than the other poller's, as a share.
 * It supposes that epoll's excess grows with the ready fds: each costs it more than it costs a poller that scans.
 */
export function crossoverOf(epoll: Model, other: Model, conditions: CrossoverConditions): Crossover {
  const { watched } = conditions;
  const turn = (ready: number) => turnWith(conditions, ready);
  const excess = (ready: number) => costOf(epoll, turn(ready)) - costOf(other, turn(ready));
  if (excess(1) >= 0) return { kind: 'never' };
  if (excess(watched) < 0) return { kind: 'always' };
  const value = bisect(excess, 1, watched, STEPS);
  // Below `low` even the dearest epoll is cheaper than the cheapest other; above `high` the other way round.
  const most = (ready: number) => epoll.predict(turn(ready)).high - other.predict(turn(ready)).low;
  const least = (ready: number) => epoll.predict(turn(ready)).low - other.predict(turn(ready)).high;
  const low = most(1) >= 0 ? 1 : bisect(most, 1, value, STEPS_TO_AN_END);
  const high = least(watched) < 0 ? watched : bisect(least, value, watched, STEPS_TO_AN_END);
  return { kind: 'at', share: { value: value / watched, low: low / watched, high: high / watched } };
}

const costOf = (model: Model, turn: Turn): number =>
  [...model.shares(turn).values()].reduce((sum, share) => sum + share, 0);

const turnWith = ({ watched, churn, timeout }: CrossoverConditions, ready: number): Turn => ({
  watched,
  ready,
  churn,
  timeout,
  beforeReady: meanBeforeReady(watched, ready),
  highestFd: highestFdOf(watched),
  wakesPerSecond: 0,
});

/** Where a growing figure becomes positive. */
function bisect(figureAt: (ready: number) => number, from: number, to: number, steps: number): number {
  let [below, above] = [from, to];
  for (let step = 0; step < steps; step++) {
    const middle = Math.sqrt(below * above);
    if (figureAt(middle) < 0) below = middle;
    else above = middle;
  }
  return Math.sqrt(below * above);
}
