import { acceptHerd } from './accept-herd.js';
import { binding } from './binding.js';
import { cascade } from './cascade.js';
import type { Chart } from './chart.js';
import { churn } from './churn.js';
import { costByCount } from './cost-by-count.js';
import { costByNumber } from './cost-by-number.js';
import { costByReady } from './cost-by-ready.js';
import { costOfConsuming } from './cost-of-consuming.js';
import { costOfWatching } from './cost-of-watching.js';
import { crossover } from './crossover.js';
import { fewSockets } from './few-sockets.js';
import { heldOut } from './held-out.js';
import { idle } from './idle.js';
import { memoryOfFew } from './memory-of-few.js';
import { memoryPerFd } from './memory-per-fd.js';
import { memoryStacks } from './memory-stacks.js';
import { priceOfSharing } from './price-of-sharing.js';
import { serverCost } from './server-cost.js';
import { serverLatency } from './server-latency.js';
import { serverPercentiles } from './server-percentiles.js';
import { serverPhases } from './server-phases.js';
import { serverReferences } from './server-references.js';
import { serverSharing } from './server-sharing.js';
import { serverTurns } from './server-turns.js';
import { smallDifference } from './small-difference.js';
import { temperature } from './temperature.js';
import { userSpaceScan } from './user-space-scan.js';
import { workloadGrid } from './workload-grid.js';

/** Every chart by its name: one line each. */
export const charts = {
  'cost-of-watching': costOfWatching,
  'cost-by-count': costByCount,
  'cost-by-number': costByNumber,
  'cost-by-ready': costByReady,
  'cost-of-consuming': costOfConsuming,
  'few-sockets': fewSockets,
  'small-difference': smallDifference,
  'workload-grid': workloadGrid,
  temperature,
  'price-of-sharing': priceOfSharing,
  churn,
  cascade,
  binding,
  'user-space-scan': userSpaceScan,
  'server-cost': serverCost,
  'server-latency': serverLatency,
  'server-percentiles': serverPercentiles,
  'server-turns': serverTurns,
  'server-phases': serverPhases,
  'server-sharing': serverSharing,
  'server-references': serverReferences,
  idle,
  'accept-herd': acceptHerd,
  'memory-stacks': memoryStacks,
  'memory-per-fd': memoryPerFd,
  'memory-of-few': memoryOfFew,
  'held-out': heldOut,
  crossover,
} as const satisfies Record<string, Chart>;

export type ChartName = keyof typeof charts;

export const chartNames = Object.keys(charts) as ChartName[];
