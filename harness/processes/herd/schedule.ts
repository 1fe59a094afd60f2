import { randomFrom, shuffle } from '../load/random.js';
import type { Phase } from './protocol.js';

/** When which connection beats: beat `i` at `timesNs[i]` after the window's start, in ascending order. */
export interface Schedule {
  readonly timesNs: Float64Array;
  /** Numbers from 0 on. */
  readonly connections: Int32Array;
}

export interface ScheduleRequest {
  readonly connections: number;
  /** Beats of all connections together. */
  readonly ratePerSecond: number;
  readonly phase: Phase;
  readonly seed: number;
  readonly ms: number;
}

/** About 0.7 GB of beats and what is noted of them. */
const MOST_BEATS = 2 ** 24;

/**
 * The beats of a window; the same request gives the same ones. `storm` and `spread` let every connection beat once a
 * period of `connections / ratePerSecond`, in an order drawn once; the first beat comes after half a gap, so that
 * windows can follow each other. @throws RangeError when the request makes no sense
 */
export function scheduleOf({ connections, ratePerSecond, phase, seed, ms }: ScheduleRequest): Schedule {
  if (!Number.isInteger(connections) || connections < 1)
    throw new RangeError(`${connections} connections cannot beat`);
  if (!(ratePerSecond > 0)) throw new RangeError(`${ratePerSecond} beats a second are no rate`);
  if (!(ms > 0)) throw new RangeError(`a window of ${ms} ms has no beats`);
  if ((ratePerSecond * ms) / 1000 > MOST_BEATS)
    throw new RangeError(`${(ratePerSecond * ms) / 1000} beats are more than one window may have`);
  const random = randomFrom(seed);
  if (phase === 'poisson') return poisson(connections, 1e9 / ratePerSecond, ms * 1e6, random);
  const order = shuffle(
    Int32Array.from({ length: connections }, (_, index) => index),
    random,
  );
  return phase === 'storm'
    ? inGroups(order, connections, ratePerSecond, ms)
    : inGroups(order, 1, ratePerSecond, ms);
}

/** So many connections at a time, one group after the other, evenly. */
function inGroups(order: Int32Array, size: number, ratePerSecond: number, ms: number): Schedule {
  const gapNs = (size * 1e9) / ratePerSecond;
  const groups = Math.ceil((ms * 1e6) / gapNs - 0.5);
  const count = groups * size;
  return {
    timesNs: Float64Array.from({ length: count }, (_, beat) => (Math.floor(beat / size) + 0.5) * gapNs),
    connections: Int32Array.from({ length: count }, (_, beat) => order[beat % order.length] as number),
  };
}

/** Exponential gaps; each beat on any connection. */
function poisson(connections: number, meanGapNs: number, windowNs: number, random: () => number): Schedule {
  const times: number[] = [];
  const chosen: number[] = [];
  const gap = () => -Math.log(1 - random()) * meanGapNs;
  for (let at = gap(); at < windowNs; at += gap()) {
    times.push(at);
    chosen.push(Math.floor(random() * connections));
  }
  return { timesNs: Float64Array.from(times), connections: Int32Array.from(chosen) };
}
