import type { BatchProtocol, StartProtocol } from '../batch/protocol.js';

/** `watched` other fds are registered while one comes and goes. */
export interface ChurnConditions {
  readonly watched: number;
}

export type ChurnProtocol = StartProtocol & BatchProtocol<ChurnConditions>;
