import { binding } from './binding.js';
import type { Chart } from './chart.js';
import { costByCount } from './cost-by-count.js';
import { costByNumber } from './cost-by-number.js';
import { userSpaceScan } from './user-space-scan.js';

/** Every chart by its name: one line each. */
export const charts = {
  'cost-by-count': costByCount,
  'cost-by-number': costByNumber,
  binding,
  'user-space-scan': userSpaceScan,
} as const satisfies Record<string, Chart>;

export type ChartName = keyof typeof charts;

export const chartNames = Object.keys(charts) as ChartName[];
