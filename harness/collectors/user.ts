import { inContainer } from './environment.js';
import { hardFdLimit, mayRaiseLimits } from './rights.js';

/** Who asks, and what that user may do. */
export interface User {
  readonly root: boolean;
  readonly uid: number | null;
  readonly mayRaiseLimits: boolean;
  /** How many fds this process may hold; null: unknown. */
  readonly fdLimit: number | null;
  /** The same of process 1: what this system or container began with. */
  readonly firstFdLimit: number | null;
  readonly container: boolean;
}

export function whoAsks(): User {
  const uid = process.getuid?.() ?? null;
  return {
    root: uid === 0,
    uid,
    mayRaiseLimits: mayRaiseLimits(),
    fdLimit: hardFdLimit('self'),
    firstFdLimit: hardFdLimit(1),
    container: inContainer(),
  };
}
