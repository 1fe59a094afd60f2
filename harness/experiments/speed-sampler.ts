import { type Child, startSpeeds } from '../processes/control/parent.js';
import type { SpeedReading, SpeedsProtocol } from '../processes/speeds/protocol.js';
import { type Speed, speedOf } from '../statistics/full-speed.js';

const DEADLINE_MS = 30_000;
/** A reading, with the turn that makes it, takes some 60 us behind another one: 0.6 % of the CPU. */
const LEAST_EVERY_MS = 10;
/** A reading in each twentieth of a long window is enough. */
const READINGS = 20;
/**
 * Where the slowest answers are what counts. After a long sleep a reading takes 0.3 ms, and twenty would meet one of 100 beats: these
 * do not move the 99th percentile.
 */
export const READINGS_BESIDE_LATENCIES = 4;
/** Where some of a window is told from the rest of it: a way of some pollers takes some ten ms. */
export const READINGS_OF_EACH_TURN = Number.POSITIVE_INFINITY;
/** Of what is recorded. */
const DECIMALS = 1e4;

/**
 * Reads the speed of the subject's CPU while something longer than a batch is measured there, which the subject itself cannot.
 * It runs before the subject where that is allowed, and its CPU time is its own.
 */
export class SpeedSampler {
  readonly #child: Child<SpeedsProtocol> = startSpeeds();

  get pid(): number {
    return this.#child.pid;
  }

  /** On this CPU, or any; where it cannot be, it ends. @throws ChildFailure */
  async start(cpu: number | null): Promise<void> {
    try {
      await this.#child.request('start', { cpu, first: cpu !== null }, DEADLINE_MS);
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Reads during a window of about so many ms, so often at most. @throws ChildFailure */
  async during<T>(
    ms: number,
    window: () => Promise<T>,
    readings = READINGS,
  ): Promise<{ result: T; speed: Speed; readings: readonly SpeedReading[] }> {
    await this.#child.request('begin', { everyMs: Math.max(LEAST_EVERY_MS, ms / readings) }, DEADLINE_MS);
    const result = await window();
    const taken = await this.#child.request('take', {}, DEADLINE_MS);
    const read = taken.readings.map(({ atNs, ns }) => ({ atNs, ns: Math.round(ns * DECIMALS) / DECIMALS }));
    const speed = speedOf(read.map(({ ns }) => ns));
    if (speed === null) throw new Error('a window has a reading on both sides');
    return { result, speed, readings: read };
  }

  end(): Promise<void> {
    return this.#child.end();
  }

  kill(): void {
    this.#child.kill();
  }
}
