import { pollerOf } from '../../pollers/manifest.js';
import type { Factors, Figure, MeasuredCell, Run } from '../results/run-schema.js';
import type { CostModel, Estimate } from './cost-model.js';
import { highestFdOf, meanBeforeReady, type PollerId } from './terms.js';

/** Where the model meets a live server: what it says of the difference between two pollers, and what that was. */
export interface Closure {
  /** Of the server's cells. */
  readonly factors: Factors;
  /** poll minus epoll, CPU ns a turn, the handlers' share made equal. */
  readonly predicted: Estimate;
  readonly measured: Estimate;
  /** (predicted - measured) / measured */
  readonly residual: number;
  /** Share of poll's and of epoll's turns that slept. */
  readonly sleptShare: { readonly poll: number; readonly epoll: number };
  /** The turns slept at rates that no cell has: the nearest cell's cost was taken. */
  readonly isBeyondRates: boolean;
}

/** The residual may be so large. */
export const CLOSES_WITHIN = 0.25;
const WATCHED = 1000;

/**
 * The difference between poll and epoll in CPU time per turn of the same live server with 1 000 idle connections: predicted
 * from the server's counters of turns that slept and turns that did not, slept cells at the same rate of wake-ups and the
 * model's hot turns; measured as CPU share over turns a second. Where a turn of one poller handled more events than one of
 * the other, what the handlers took for them is added at the rate that epoll's own turns show. Nothing where the cells, or a
 * model, are missing.
 */
export function closuresOf(run: Pick<Run, 'cells'>, models: readonly CostModel[]): Closure[] {
  return liveCells(run, pollerOf('poll')).flatMap((poll) => {
    const epoll = liveCells(run, pollerOf('epoll')).find(({ factors }) => sameFactors(factors, poll.factors));
    const turns = epoll && [turnsOf(run, models, poll), turnsOf(run, models, epoll)];
    return turns?.[0] && turns[1] ? [closureOf(poll.factors, turns[0], turns[1])] : [];
  });
}

const liveCells = (run: Pick<Run, 'cells'>, poller: PollerId): MeasuredCell[] =>
  run.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === 'measured' &&
      cell.experiment === 'server' &&
      cell.series === 'pollcost' &&
      cell.poller === poller &&
      cell.factors.idle === WATCHED &&
      // In a storm all ask at once, and a second has but a few turns.
      cell.factors.phase !== 'storm' &&
      cell.factors.fileTable === 'private',
  );

const sameFactors = (a: Factors, b: Factors): boolean => Object.keys(a).every((name) => a[name] === b[name]);

/** A poller's turns in the live server, and what their waits cost by cells and model. */
interface Turns {
  readonly measured: Estimate;
  readonly waits: Estimate;
  readonly events: number;
  readonly sleptShare: number;
  readonly isBeyondRates: boolean;
}

function turnsOf(run: Pick<Run, 'cells'>, models: readonly CostModel[], cell: MeasuredCell): Turns | null {
  const { cpuShare, turnsPerSecond, sleptTurnsPerSecond, eventsPerTurn } = cell.metrics;
  const model = models.find(({ poller }) => poller === cell.poller);
  if (!cpuShare || !turnsPerSecond || !sleptTurnsPerSecond || !eventsPerTurn || !model) return null;
  const sleptShare = Math.min(1, sleptTurnsPerSecond.value / turnsPerSecond.value);
  const slept = sleptCost(run, cell.poller, sleptTurnsPerSecond.value);
  if (!slept) return null;
  const watched = WATCHED + Number(cell.factors.active);
  const hot = model.predict({
    watched,
    ready: eventsPerTurn.value,
    churn: 0,
    timeout: 'infinite',
    // Those that ask in closed loop came last; those that beat now and then are anywhere.
    beforeReady: cell.factors.load === 'closed' ? WATCHED : meanBeforeReady(watched, eventsPerTurn.value),
    highestFd: highestFdOf(watched),
    wakesPerSecond: 0,
  });
  return {
    measured: quotient(cpuShare, turnsPerSecond),
    waits: sum(scaled(slept.cost, sleptShare), scaled(hot, 1 - sleptShare)),
    events: eventsPerTurn.value,
    sleptShare,
    isBeyondRates: slept.isBeyond && sleptShare > 0.05,
  };
}

function closureOf(factors: Factors, poll: Turns, epoll: Turns): Closure {
  // What is left of epoll's turn is the handlers': reading, answering, and the loop itself.
  const handlersPerEvent = difference(epoll.measured, epoll.waits).value / epoll.events;
  const moreEvents = exactly((poll.events - epoll.events) * handlersPerEvent);
  const measured = difference(poll.measured, epoll.measured);
  const predicted = sum(difference(poll.waits, epoll.waits), moreEvents);
  return {
    factors,
    predicted,
    measured,
    residual: predicted.value / measured.value - 1,
    sleptShare: { poll: poll.sleptShare, epoll: epoll.sleptShare },
    isBeyondRates: poll.isBeyondRates || epoll.isBeyondRates,
  };
}

/** What a slept turn with 1 000 fds costs at this rate, between the two nearest rates that were measured, on a log scale. */
function sleptCost(
  run: Pick<Run, 'cells'>,
  poller: PollerId,
  rate: number,
): { cost: Estimate; isBeyond: boolean } | null {
  const byRate = run.cells
    .filter(
      (cell): cell is MeasuredCell =>
        cell.status === 'measured' &&
        cell.series === 'pollcost' &&
        cell.poller === poller &&
        cell.factors.timeout === 'slept' &&
        cell.factors.watched === WATCHED &&
        cell.factors.fileTable === 'private' &&
        cell.metrics.cpuNsPerTurn !== undefined,
    )
    .map(({ factors, metrics }) => ({
      rate: Number(factors.wakesPerSecond),
      cost: metrics.cpuNsPerTurn as Figure,
    }))
    .sort((a, b) => a.rate - b.rate);
  const [first] = byRate;
  const last = byRate.at(-1);
  if (!first || !last) return null;
  if (rate <= first.rate) return { cost: first.cost, isBeyond: rate < first.rate };
  if (rate >= last.rate) return { cost: last.cost, isBeyond: rate > last.rate };
  const above = byRate.findIndex((step) => step.rate >= rate);
  const [from, to] = [byRate[above - 1] as typeof first, byRate[above] as typeof first];
  const share = Math.log(rate / from.rate) / Math.log(to.rate / from.rate);
  return { cost: sum(scaled(from.cost, 1 - share), scaled(to.cost, share)), isBeyond: false };
}

// The terms were measured apart from each other: their half widths add up as independent ones do.

const exactly = (value: number): Estimate => ({ value, low: value, high: value });
const scaled = ({ value, low, high }: Estimate, factor: number): Estimate => ({
  value: value * factor,
  low: low * factor,
  high: high * factor,
});

const sum = (a: Estimate, b: Estimate): Estimate => {
  const value = a.value + b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.value - b.low),
    high: value + Math.hypot(a.high - a.value, b.high - b.value),
  };
};

const difference = (a: Estimate, b: Estimate): Estimate =>
  sum(a, { value: -b.value, low: -b.high, high: -b.low });

/** Seconds of CPU a second over turns a second, in ns a turn. */
const quotient = (share: Estimate, rate: Estimate): Estimate => {
  const value = (share.value / rate.value) * 1e9;
  const relative = (over: number, under: number) => Math.hypot(over / share.value, under / rate.value);
  return {
    value,
    low: value * (1 - relative(share.value - share.low, rate.high - rate.value)),
    high: value * (1 + relative(share.high - share.value, rate.value - rate.low)),
  };
};
