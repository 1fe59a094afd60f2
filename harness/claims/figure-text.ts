import type { MeasuredCell } from '../results/run-schema.js';

/** How figures of this run read inside an explanation. */

export function ns(cell: MeasuredCell, metric = 'cpuNsPerTurn'): string {
  const value = cell.metrics[metric]?.value ?? Number.NaN;
  if (value < 1000) return `${value.toFixed(0)} ns`;
  return value < 1e6 ? `${(value / 1000).toFixed(1)} us` : `${(value / 1e6).toFixed(2)} ms`;
}

export const bytes = (count: number): string =>
  Math.abs(count) < 10_000 ? `${Math.round(count)} bytes` : `${(count / 1024).toFixed(1)} KiB`;

export const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0));
