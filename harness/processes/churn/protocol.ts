import type { PairsProtocol } from '../batch/protocol.js';

/** `watched` other fds are registered while one comes and goes. */
export interface ChurnConditions {
  readonly watched: number;
}

export type ChurnProtocol = PairsProtocol<ChurnConditions>;
