import { inContainer } from './environment.js';

/** The option of `docker run` with which unshare is allowed: a profile that adds it to the runtime's own. */
export const UNSHARE_OPTION = '--security-opt seccomp=docker/seccomp.json';

/** What would let a thread leave the file table that it shares with others, where that is refused. */
export const toAllowUnshare = (container = inContainer()): string =>
  container
    ? `docker run ${UNSHARE_OPTION} allows it`
    : 'allow unshare(CLONE_FILES) in the filter of system calls that this was started under';

/** Why cells with a private file table are not measured here. */
export const whyShared = (reason: string): string =>
  `the file table cannot be made private: ${reason}${process.platform === 'linux' ? `; ${toAllowUnshare()}` : ''}`;
