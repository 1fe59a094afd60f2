import { pollerOf } from '../../pollers/manifest.js';
import type { Factors, MeasuredCell, Run } from '../results/run-schema.js';
import type { CostModel, Estimate } from './cost-model.js';
import { highestFdOf, meanBeforeReady, type PollerId, type Timeout, type Turn, termsOf } from './terms.js';

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
  /** The turns slept for longer or shorter than those of any cell: the nearest cell's cost was taken. */
  readonly isBeyondSleeps: boolean;
  /** How much dearer poll's scans make the handlers of turns that slept and of those that did not; null where no cell says it. */
  readonly dearerHandlers: { readonly atOnce: Estimate | null; readonly slept: Estimate | null };
}

/** The residual may be so large. */
export const CLOSES_WITHIN = 0.25;
const WATCHED = 1000;

/**
 * The difference between poll and epoll in CPU time per turn of the same live server with 1 000 idle connections: predicted
 * from the server's counters of turns that slept and turns that did not, slept cells that were asleep as long and the
 * model's hot turns; measured as CPU share over turns a second. A turn that was woken in its first scan, by an fd that it had asked
 * already, does not sleep, but scans again: it is taken for one that slept. Where a turn of one poller handled more events than one of
 * the other, what the handlers took for them is added at the rate that epoll's own turns show. A scan of 1 000 sockets drives the
 * handlers' code and data out of the caches: they are dearer by as much as messages are between such turns of cells, and behind a
 * sleep, which has done so in part already, by as much as reading what woke such a turn. The handlers drive the scan out in turn: by as
 * much more than the messages of cells do, in the model's own term, as they take longer. Nothing where the cells, or a model, are missing.
 */
export function closuresOf(run: Pick<Run, 'cells'>, models: readonly CostModel[]): Closure[] {
  return liveCells(run, pollerOf('poll')).flatMap((poll) => {
    const epoll = liveCells(run, pollerOf('epoll')).find(({ factors }) => sameFactors(factors, poll.factors));
    const turns = epoll && [turnsOf(run, models, poll), turnsOf(run, models, epoll)];
    if (!turns?.[0] || !turns[1]) return [];
    const message = messageCost(run, pollerOf('epoll'), turns[1].events);
    const dearer = {
      atOnce: quotientOrNull(messageCost(run, pollerOf('poll'), turns[0].events), message),
      slept: quotientOrNull(turns[0].messageAfterSleep, turns[1].messageAfterSleep),
    };
    return [closureOf(poll.factors, turns[0], turns[1], dearer, message)];
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
  /** What they cost for the fds that messages drove out of the cache, where handlers did no more than those. */
  readonly drivenOutNs: number;
  readonly events: number;
  readonly sleptShare: number;
  readonly isBeyondSleeps: boolean;
  /** What a message takes behind a sleep of as long in a cell; null where no cell says it. */
  readonly messageAfterSleep: Estimate | null;
}

function turnsOf(run: Pick<Run, 'cells'>, models: readonly CostModel[], cell: MeasuredCell): Turns | null {
  const { cpuShare, turnsPerSecond, sleptTurnsPerSecond, eventsPerTurn } = cell.metrics;
  const model = models.find(({ poller }) => poller === cell.poller);
  if (!cpuShare || !turnsPerSecond || !sleptTurnsPerSecond || !eventsPerTurn || !model) return null;
  const sleptShare = Math.min(1, sleptTurnsPerSecond.value / turnsPerSecond.value);
  const asleepNs = sleptShare > 0 ? (1e9 * (1 - cpuShare.value)) / sleptTurnsPerSecond.value : Infinity;
  const slept = sleptCost(run, cell.poller, asleepNs, 'cpuNsPerTurn');
  if (!slept) return null;
  const watched = WATCHED + Number(cell.factors.active);
  const isClosed = cell.factors.load === 'closed';
  const turn: Turn = {
    watched,
    ready: eventsPerTurn.value,
    churn: 0,
    timeout: 'infinite',
    // Those that ask in closed loop came last; those that beat now and then are anywhere.
    beforeReady: isClosed ? WATCHED : meanBeforeReady(watched, eventsPerTurn.value),
    highestFd: highestFdOf(watched),
    wakesPerSecond: 0,
  };
  const hot = model.predict(turn);
  const eventsPerNs = (turnsPerSecond.value * eventsPerTurn.value) / 1e9;
  const firstScanNs = model.predict({ ...turn, ready: 1, beforeReady: watched }).value;
  const again =
    isClosed || !queues(cell.poller) ? 0 : wokenInFirstScan(sleptShare, eventsPerNs * firstScanNs);
  const atOnce = 1 - sleptShare - again;
  return {
    measured: perTurn(cpuShare, turnsPerSecond),
    waits: sum(scaled(slept.cost, sleptShare + again), scaled(hot, atOnce)),
    drivenOutNs: atOnce * (model.shares(turn).get('c16') ?? 0),
    events: eventsPerTurn.value,
    sleptShare,
    isBeyondSleeps: slept.isBeyond && sleptShare > 0.05,
    messageAfterSleep: sleptCost(run, cell.poller, asleepNs, 'messageNsPerEvent')?.cost ?? null,
  };
}

/** It queues on one fd after the other, and what comes to one of them meanwhile keeps it awake. fs/select.c */
const queues = (poller: PollerId): boolean => termsOf(poller).includes('c4');

/**
 * The share of turns in whose first scan something came to an fd that had been asked already, where so many events come in such a
 * scan on average, anywhere and at any time: half of those to whom anything came after they had begun with nothing. The
 * counters do not tell them from turns that found something at once.
 */
function wokenInFirstScan(sleptShare: number, eventsInScan: number): number {
  const begunWithNothing = Math.min(1, sleptShare * Math.exp(eventsInScan));
  return (begunWithNothing - sleptShare) / 2;
}

function closureOf(
  factors: Factors,
  poll: Turns,
  epoll: Turns,
  { atOnce, slept }: Closure['dearerHandlers'],
  message: Estimate | null,
): Closure {
  // What is left of epoll's turn is the handlers': reading, answering, and the loop itself.
  const handlersPerEvent = difference(epoll.measured, epoll.waits).value / epoll.events;
  const moreEvents = (poll.events - epoll.events) * handlersPerEvent;
  const handlers = poll.events * handlersPerEvent;
  const byOf = (factor: Estimate | null, share: number) =>
    scaled(sum(factor ?? exactly(1), exactly(-1)), share * handlers);
  const dearer = sum(byOf(slept, poll.sleptShare), byOf(atOnce, 1 - poll.sleptShare));
  const moreDrivenOut = message
    ? scaled(sum(quotient(exactly(handlersPerEvent), message), exactly(-1)), poll.drivenOutNs)
    : exactly(0);
  const measured = difference(poll.measured, epoll.measured);
  const predicted = sum(
    sum(difference(poll.waits, epoll.waits), exactly(moreEvents)),
    sum(dearer, moreDrivenOut),
  );
  return {
    factors,
    predicted,
    measured,
    residual: predicted.value / measured.value - 1,
    sleptShare: { poll: poll.sleptShare, epoll: epoll.sleptShare },
    isBeyondSleeps: poll.isBeyondSleeps || epoll.isBeyondSleeps,
    dearerHandlers: { atOnce, slept },
  };
}

/** Cells with as many watched fds as the server has, and what they say. */
const cellsAt = (run: Pick<Run, 'cells'>, poller: PollerId, timeout: Timeout): MeasuredCell[] =>
  run.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === 'measured' &&
      cell.series === 'pollcost' &&
      cell.poller === poller &&
      cell.factors.timeout === timeout &&
      cell.factors.watched === WATCHED &&
      cell.factors.fileTable === 'private',
  );

/** What a slept turn with 1 000 fds costs that was asleep for so long, on average, or the message that woke it. */
function sleptCost(
  run: Pick<Run, 'cells'>,
  poller: PollerId,
  asleepNs: number,
  name: 'cpuNsPerTurn' | 'messageNsPerEvent',
): Found | null {
  const steps = cellsAt(run, poller, 'slept').flatMap(({ metrics }) => {
    const { cpuNsPerTurn, wallNsPerTurn, [name]: cost } = metrics;
    return cpuNsPerTurn && wallNsPerTurn && cost
      ? [{ at: wallNsPerTurn.value - cpuNsPerTurn.value, cost }]
      : [];
  });
  return between(steps, asleepNs);
}

/**
 * What a message takes between turns that had to look at 1 000 fds, so many of which a message had come to: registrations that are
 * replaced beside it are no part of it.
 */
function messageCost(run: Pick<Run, 'cells'>, poller: PollerId, events: number): Estimate | null {
  const byReady = new Map<number, Estimate[]>();
  for (const { factors, metrics } of cellsAt(run, poller, 'finite')) {
    const { messageNsPerEvent: cost } = metrics;
    if (!cost || factors.life !== 'consumed-rotating') continue;
    const ready = Number(factors.ready);
    byReady.set(ready, [...(byReady.get(ready) ?? []), cost]);
  }
  const steps = [...byReady].map(([at, costs]) => ({ at, cost: mean(costs) }));
  return between(steps, events)?.cost ?? null;
}

interface Found {
  readonly cost: Estimate;
  readonly isBeyond: boolean;
}

/** Between the two nearest steps, on a log scale; beyond them all the nearest. */
function between(
  unsorted: readonly { readonly at: number; readonly cost: Estimate }[],
  at: number,
): Found | null {
  const steps = [...unsorted].sort((a, b) => a.at - b.at);
  const [first] = steps;
  const last = steps.at(-1);
  if (!first || !last) return null;
  if (at <= first.at) return { cost: first.cost, isBeyond: at < first.at };
  if (at >= last.at) return { cost: last.cost, isBeyond: at > last.at };
  const above = steps.findIndex((step) => step.at >= at);
  const [from, to] = [steps[above - 1] as typeof first, steps[above] as typeof first];
  const share = Math.log(at / from.at) / Math.log(to.at / from.at);
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

const mean = (all: readonly Estimate[]): Estimate => scaled(all.reduce(sum), 1 / all.length);

const difference = (a: Estimate, b: Estimate): Estimate =>
  sum(a, { value: -b.value, low: -b.high, high: -b.low });

/** Seconds of CPU a second over turns a second, in ns a turn. */
const perTurn = (share: Estimate, rate: Estimate): Estimate => scaled(quotient(share, rate), 1e9);

const quotient = (over: Estimate, under: Estimate): Estimate => {
  const value = over.value / under.value;
  const relative = (a: number, b: number) => Math.hypot(a / over.value, b / under.value);
  return {
    value,
    low: value * (1 - relative(over.value - over.low, under.high - under.value)),
    high: value * (1 + relative(over.high - over.value, under.value - under.low)),
  };
};

const quotientOrNull = (over: Estimate | null, under: Estimate | null): Estimate | null =>
  over && under ? quotient(over, under) : null;
