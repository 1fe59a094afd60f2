import type { ChartName } from './registry.js';

/** Which charts show what a claim was judged by, the closest first. A claim without a line has its figures only. */
export const chartsOfClaims: Readonly<Record<string, readonly ChartName[]>> = {
  'few-sockets-cpu': ['few-sockets'],
  'few-sockets-memory': ['memory-of-few'],
  'small-difference': ['small-difference', 'few-sockets'],
  'highest-fd': ['cost-by-number'],
  'both-linear': ['cost-by-count', 'cost-by-ready'],
  'pay-for-ready': ['cost-by-ready', 'cost-of-consuming'],
  'idle-is-free': ['cost-by-count', 'server-cost'],
  'less-cpu-mostly': ['workload-grid', 'server-cost'],
  'select-384-bytes': ['memory-per-fd'],
  'epoll-20-bytes': ['memory-per-fd'],
  'one-high-fd': ['memory-per-fd'],
  'numbers-are-small': ['memory-per-fd'],
  'busy-polling': ['idle'],
  'scan-after-select': ['user-space-scan'],
  'one-thread-thousands': ['server-latency'],
  'io-uring-cheaper-turn': ['cost-of-consuming', 'cascade'],
  'io-uring-idle-free': ['cost-by-count'],
  'io-uring-memory': ['memory-per-fd'],
  'exclusive-ends-the-herd': ['accept-herd'],
};

export const claimsOfChart = (chart: string): string[] =>
  Object.keys(chartsOfClaims).filter((claim) => chartsOfClaims[claim]?.some((name) => name === chart));
