import type { Figures } from './figures.js';
import type { Side } from './gate-schema.js';

/** One of the two versions under comparison, ready to be launched as often as wanted. */
export interface Version {
  readonly side: Side;
  /** One launch, whose seed decides its order. @throws LaunchFailure */
  launch(seed: number, stop: AbortSignal): Promise<Figures>;
  /** What is counted and needs no repetition; empty where nothing is. @throws LaunchFailure */
  count(seed: number, stop: AbortSignal): Promise<Figures>;
}

/** The gate was told to stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}
