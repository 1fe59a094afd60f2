import type { Pool } from './pool.js';
import type { BatchVisit, TurnSeries } from './protocol.js';

/** What a batch showed: how many turns it made in all, and its figures. */
export interface Measured {
  readonly turns: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A visit that is set up: everything is registered that its series need. */
export interface Scene {
  /** Makes so many repetitions of the work. @returns the CPU time that they took, in ns */
  run(series: TurnSeries, repetitions: number): number;
  /** Makes a batch of them and reads its figures. */
  measure(series: TurnSeries, repetitions: number): Measured;
}

/** What a batch subject measures: turns, cycles, chains or lives. `C`: the conditions of a visit. */
export interface Workload<C> {
  /** Sets a visit up for these series, lets `use` run, and leaves the pool as it was. */
  withScene<T>(pool: Pool, visit: BatchVisit<C>, series: readonly TurnSeries[], use: (scene: Scene) => T): T;
  /** Whether the series of a visit cannot share a scene. */
  sceneOfItsOwn(conditions: C): boolean;
  /** Repetitions that come before those that count: caches and branches still belong to the previous visit. */
  leadIn(conditions: C, repetitions: number): number;
  /** How many repetitions a batch has whose length needs no calibrating; null: it is calibrated. */
  fixedRepetitions(conditions: C, sleptBatchMs: number): number | null;
  /** Visits alike in this let V8 compile the same code. */
  warmUpKey(conditions: C): string;
  /** How many batches a poller's second copy runs before it counts: the first has run as many as there are visits by then. */
  secondCopyBatches(conditions: C): number;
  /** Lets V8 compile what a visit will run, in each of its series. */
  warmUp(pool: Pool, visit: BatchVisit<C>): void;
}
