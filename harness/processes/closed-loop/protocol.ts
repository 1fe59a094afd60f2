/** Connections that each send their next request when the last one was answered. */
export interface ClosedLoopProtocol {
  /** Comes first: connects, one after the other, holds the connections, and learns from one answer how long they are. */
  connect: {
    ask: { port: number; connections: number; cpu: number | null };
    answer: { connected: number; seconds: number };
  };
  /** Lets the connections ask for so long; counts the answers, also those that come a little later. */
  run: { ask: { ms: number }; answer: { requests: number; ms: number } };
  /** Adds timers that are due in an hour, and eventfds that nobody writes to. */
  idle: { ask: { timers: number; fds: number }; answer: object };
  /** How long the loop takes for so many callbacks, each of which adds the next. */
  callbacks: { ask: { count: number }; answer: { ns: number } };
}
