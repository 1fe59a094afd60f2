import { type PollerName, usualPollers } from '../../pollers/manifest.js';

/**
 * What claims need that no experiment would measure of itself: which pollers they compare, and what they leave out. An experiment that is made for
 * them asks this list, and knows nothing else of claims.
 */

/** `small-difference`: servers with few connections, of which one asks. */
export const FEW_CONNECTIONS = {
  counts: [1, 2, 4, 6, 8, 10, 16],
  /** Of these: where it is open here, nothing is decided. */
  decides: 1,
  pollers: ['select', 'epoll'],
  /** Visited twice a round: what two visits differ by alone is no difference. */
  again: { connections: 1, poller: 'epoll' },
} as const;

/**
 * `one-thread-thousands`: a window in which a larger share of the beats left more than 1 ms late measures its generator. Its rule leaves
 * the round out, and the experiment flags it.
 */
export const MOST_LATE_OF_THOUSANDS = 0.002;

/**
 * Sentences beyond the answer are about pollers that nobody measures unless told to. Where all the usual ones are measured, the
 * experiments that these sentences rest on take these as well, under the conditions that their rules name.
 */
export const BEYOND = {
  /** `io-uring-cheaper-turn`: cycles in experiment ready-fds. */
  cycle: { pollers: ['io_uring'], watched: 1000, ready: [1, 10, 100] as readonly number[] },
  /** `io-uring-idle-free`: turns in experiment watched-fds. */
  idle: { pollers: ['io_uring'], watched: [1, 1000] as readonly number[] },
  /** `io-uring-memory` */
  memory: { pollers: ['io_uring'] },
  /** Not judged: what completion saves over readiness, told beside `io-uring-cheaper-turn`. */
  cascade: { pollers: ['io_uring'] },
  /** `oneshot-costs-a-syscall`: requests in experiment rearm. */
  rearm: {
    pollers: ['epoll-et', 'epoll-oneshot', 'io_uring'],
    again: 'epoll',
    active: { counted: 1, timed: 16 },
  },
  /** `exclusive-ends-the-herd`: experiment accept-herd. */
  herd: { pollers: ['epoll'], processes: 4 },
} as const;

/** Those among them that are not measured otherwise. */
export const POLLERS_BESIDE: readonly PollerName[] = [
  ...new Set<PollerName>(Object.values(BEYOND).flatMap(({ pollers }) => pollers)),
].filter((name) => !usualPollers.includes(name));
