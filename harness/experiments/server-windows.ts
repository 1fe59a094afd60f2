import { MOST_LATE_OF_THOUSANDS } from '../claims/needs.js';
import type { ActiveProtocol } from '../processes/active/protocol.js';
import type { BeatReport, Phase } from '../processes/herd/protocol.js';
import type { TurnsOfPoller, Way } from '../processes/server/protocol.js';
import type { SpeedReading } from '../processes/speeds/protocol.js';
import { areAtFullSpeed, fullSpeedOf, type Speed, speedOf } from '../statistics/full-speed.js';
import { hodgesLehmann, median } from '../statistics/median.js';
import type { Spent } from './live-server.js';

/** The load of one window. */
export type WindowLoad =
  | { readonly load: 'closed'; readonly active: number; readonly ms: number }
  | {
      readonly load: 'open';
      readonly beating: number;
      readonly ratePerSecond: number;
      readonly phase: Phase;
      readonly ms: number;
      /** The server runs before others on its CPU meanwhile (SCHED_FIFO). */
      readonly isFirst?: true;
    };

export type WindowMetrics = Readonly<Record<string, number>>;

/** A window that is long enough to say something of the slowest answers: thousands are held against a hundred in such ones. */
export const LONG_MS = 1000;
/** More beats than this that left late say that the generator, not the server, was what was measured. */
const MOST_LATE = 0.01;

/** Whether so many beats of a window left late that its round is flagged; of a long one those that the rule of thousands leaves out. */
export const isLate = ({ load, ms }: WindowLoad, { lateBeats = 0 }: WindowMetrics): boolean =>
  lateBeats > (load === 'open' && ms >= LONG_MS ? MOST_LATE_OF_THOUSANDS : MOST_LATE);

export type ClosedReport = ActiveProtocol['run']['answer'];

/** Requests that were not answered, or not as they should. */
export const errorsOf = (report: ClosedReport | BeatReport): number =>
  'requests' in report ? report.errors : report.unanswered + report.wrong + report.lost;

/**
 * The figures of a window in closed loop. Around its requests autocannon makes itself ready, and the server sleeps. What it
 * does there all the same is closing connections after the last answer: one that never slept has worked for that long more.
 */
export function closedMetrics(spent: Spent, report: ClosedReport): WindowMetrics {
  const { requests, latencyUs, cpuNs } = report;
  const seconds = Math.max(report.seconds, spent.cpuNs / 1e9);
  return {
    ...figures({ ...spent, seconds }, requests, cpuNs),
    requestsPerSecond: requests / report.seconds,
    ...latencies(requests, latencyUs),
  };
}

/**
 * The figures of a window in open loop: latency counts from each beat's intended time. A server that cannot keep up works
 * on after the last beat: its share of the CPU and what a request costs it are taken until the last answer, and its rate is
 * that of the answers that came within the window.
 */
export function openMetrics(spent: Spent, report: BeatReport): WindowMetrics {
  const { answered, answeredInTime, lateBeats, latencyUs, cpuNs, seconds } = report;
  return {
    ...figures(spent, answered, cpuNs),
    requestsPerSecond: answeredInTime / seconds,
    ...latencies(answered, latencyUs),
    lateBeats,
  };
}

/**
 * What each of several pollers that took turns in a closed loop has to show; its requests are the events that its turns had. Latencies
 * are those of all of them, and no figure of one.
 */
export function metricsOfTurns(ways: readonly Way[]): WindowMetrics[] {
  const asked = ways.filter(({ spent }) => spent.every(({ events }) => events > 0));
  const requestNs = middlesOfWays(asked.map(({ spent }) => spent.map(({ cpuNs, events }) => cpuNs / events)));
  return (ways[0]?.spent ?? []).map((_, poller) => {
    const sum = (count: keyof TurnsOfPoller) =>
      ways.reduce((all, { spent }) => all + (spent[poller] as TurnsOfPoller)[count], 0);
    const [cpuNs, ns, turns, sleptTurns] = [sum('cpuNs'), sum('ns'), sum('turns'), sum('sleptTurns')];
    const events = sum('events');
    const cpuNsPerRequest = requestNs[poller];
    if (cpuNsPerRequest === undefined || ns === 0) return {};
    const seconds = ns / 1e9;
    return {
      cpuShare: cpuNs / ns,
      cpuUsPerRequest: cpuNsPerRequest / 1000,
      requestsPerSecond: events / seconds,
      turnsPerSecond: turns / seconds,
      sleptTurnsPerSecond: Math.min(sleptTurns, turns) / seconds,
      ...(turns > 0 && { eventsPerTurn: events / turns }),
    };
  });
}

/**
 * What a request takes under each poller, from what it took on each way there and back that they share (equally many of each): what the
 * host makes of a way is the same for all of them, so the middle way says what a request takes, and where each poller's distances from its
 * way's mean lie by how much it is dearer under this poller. A burst falls on one poller's turns of some ways. Both are of logarithms.
 * docs/sentinel.md has how far windows scatter by how their ways are taken together.
 */
function middlesOfWays(costs: readonly (readonly number[])[]): number[] {
  const ways = costs.map((ofPollers) => ofPollers.map(Math.log));
  if (ways.length === 0) return [];
  const means = ways.map((logs) => logs.reduce((sum, log) => sum + log, 0) / logs.length);
  const middle = median(means);
  return (ways[0] as number[]).map((_, poller) =>
    Math.exp(
      middle + hodgesLehmann(ways.map((logs, way) => (logs[poller] as number) - (means[way] as number))),
    ),
  );
}

/** What part of its ways a window has to have at one speed for these to say something by themselves. */
const LEAST_PART = 1 / 3;

/** Some ways of a window, and what was read while they were made. */
export interface PartOfWindow {
  readonly ways: readonly Way[];
  readonly speed: Speed;
}

/**
 * The ways of a window that the core made at the fastest speed that it had there, if it had others, too: a core changes its speed within a
 * window of a second. Whether that is the full speed of the run is for the run to say. Null where all of them are of one speed, or
 * hardly any are. A way is at it where three in four of the readings within it and next to it are.
 */
export function fastestPart(ways: readonly Way[], readings: readonly SpeedReading[]): PartOfWindow | null {
  const all = readings.map(({ ns }) => ns);
  const full = fullSpeedOf(all);
  const whole = speedOf(all);
  if (full === null || whole === null || areAtFullSpeed([whole], full)[0]) return null;
  const made = ways.map((way) => ({
    way,
    around: readings.filter((_, at) => isAround(way, readings[at - 1], readings[at + 1])),
  }));
  const kept = made.filter(({ around }) => {
    const speed = speedOf(around.map(({ ns }) => ns));
    return speed !== null && areAtFullSpeed([speed], full)[0];
  });
  const speed = speedOf([...new Set(kept.flatMap(({ around }) => around))].map(({ ns }) => ns));
  if (speed === null || kept.length < LEAST_PART * ways.length) return null;
  return { ways: kept.map(({ way }) => way), speed };
}

/** Whether a reading between these two is within a way, or the last before it, or the first after it. */
const isAround = ({ fromNs, toNs }: Way, before?: SpeedReading, after?: SpeedReading): boolean =>
  (before === undefined || before.atNs <= toNs) && (after === undefined || after.atNs >= fromNs);

/** What is said per request is absent where none was answered. */
function figures(spent: Spent, answered: number, senderNs: number): WindowMetrics {
  const { cpuNs, work } = spent;
  const each = answered > 0;
  return {
    cpuShare: cpuNs / 1e9 / spent.seconds,
    ...(each && {
      cpuUsPerRequest: cpuNs / 1000 / answered,
      senderUsPerRequest: senderNs / 1000 / answered,
    }),
    ...(work && {
      turnsPerSecond: work.turns / spent.seconds,
      // They are counted by switches of the thread, of which a lock or a page may add one.
      sleptTurnsPerSecond: Math.min(work.sleptTurns, work.turns) / spent.seconds,
      ...(work.turns > 0 && { eventsPerTurn: work.events / work.turns }),
      ...(each && { syscallsPerRequest: work.syscalls / answered }),
    }),
  };
}

const latencies = (answered: number, { p50, p90, p99, p999 }: BeatReport['latencyUs']): WindowMetrics =>
  answered > 0 ? { latencyP50Us: p50, latencyP90Us: p90, latencyP99Us: p99, latencyP999Us: p999 } : {};
