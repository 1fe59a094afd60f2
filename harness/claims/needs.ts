/**
 * What claims need that no experiment would measure of itself: which pollers they compare. An experiment that is made for
 * them asks this list, and knows nothing else of claims.
 */

/** `small-difference`: servers with few connections, of which one asks. */
export const FEW_CONNECTIONS = {
  counts: [1, 2, 4, 6, 8, 10, 16],
  pollers: ['select', 'epoll'],
  /** Visited twice a round: what two visits differ by alone is no difference. */
  again: { connections: 10, poller: 'epoll' },
} as const;
