import type { Unit } from './run-schema.js';

/** Every metric that a cell may have, with its unit. */
export const METRIC_UNITS = {
  accepted: 'boolean',
  reported: 'boolean',
  cpuNsPerTurn: 'ns',
  wallNsPerTurn: 'ns',
  bindingNsPerTurn: 'ns',
  netNsPerTurn: 'ns',
  scanNsPerTurn: 'ns',
  fdsExamined: 'count',
  readyPerTurn: 'count',
} as const satisfies Record<string, Unit>;

export type MetricName = keyof typeof METRIC_UNITS;
