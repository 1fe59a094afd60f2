import type { Latency } from '../control/messages.js';

/** autocannon with few connections in closed loop; each run opens its own. */
export interface ActiveProtocol {
  /**
   * Requests are all that were answered, so that a server's CPU around the run can be divided by them; latencies leave
   * out each connection's first, which waits for the connection. The first run of a process also compiles: discard it.
   */
  run: {
    ask: { host: string; port: number; connections: number; ms: number; cpu: number | null };
    answer: { requests: number; errors: number; seconds: number; latencyUs: Latency; cpuNs: number };
  };
}
